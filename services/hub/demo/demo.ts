import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Language } from '@shuniu/contracts'
import { isWhole, prove, type Proof } from '../proof/proof.ts'
import { afternoon, morning, type Made, type Scene, type Systems } from './day.ts'
import { Narrator } from './narrator.ts'
import { SoleHub, type House } from './house.ts'
import { checkPort, startShuniu, type Running } from './processes.ts'

export interface DemoOptions {
  readonly language: Language
  /** Port of the hub; 0 takes a free one. */
  readonly port: number
  readonly environment: Readonly<Record<string, string | undefined>>
  /** A line for the person who watches. */
  readonly say: (line: string) => void
  /** Ctrl-C: everything that was started is ended. */
  readonly stopped: AbortSignal
}

/** What is shown at the end, and what keeps running. */
export interface DemoEnd {
  readonly proof: Proof
  readonly whole: boolean
  readonly seconds: number
  readonly url: string
  /** Ends the hub and both simulators, and removes their data. */
  close(): Promise<void>
}

const example = fileURLToPath(
  new URL(
    import.meta.url.endsWith('.ts')
      ? '../../../examples/payment-to-voucher'
      : '../../../../examples/payment-to-voucher',
    import.meta.url,
  ),
)

/** How long the hub may need after the last scene until nothing is under way any more, in ms. */
const patience = 60_000

/** How long a scene may go on before the next begins, in ms. */
const sceneMs = 1_500

/**
 * Plays the day: two simulators and a hub as processes of their own, trouble, a kill -9, and the proof.
 * Undefined when it was stopped on the way.
 */
export async function runDemo(options: DemoOptions, house?: House): Promise<DemoEnd | undefined> {
  const began = Date.now()
  const folder = mkdtempSync(join(tmpdir(), 'shuniu-demo-'))
  const stage = new Stage(folder, options, house ?? new SoleHub(options.port))
  try {
    await checkPort(options.port)
    const systems = await stage.open()
    const kept: { change?: Made; withdraw?: Made } = {}
    await stage.play(morning(kept), systems, { untilTheLast: true })
    await stage.strike()
    await stage.play(afternoon(kept), systems)
    const proof = await stage.settle(systems)
    const seconds = Math.round((Date.now() - began) / 1000)
    return { proof, whole: isWhole(proof), seconds, url: stage.hubUrl, close: () => stage.close() }
  } catch (error) {
    await stage.close()
    if (options.stopped.aborted) return undefined
    throw error
  }
}

class Stage {
  private running: Running[] = []
  private narrator: Narrator | undefined
  private environment: Readonly<Record<string, string | undefined>>

  constructor(
    private readonly folder: string,
    private readonly options: DemoOptions,
    private readonly house: House,
  ) {
    this.environment = options.environment
  }

  get hubUrl(): string {
    return this.house.url
  }

  async open(): Promise<Systems> {
    // A copy, so that a table row that somebody adds while looking around stays out of the example.
    cpSync(example, join(this.folder, 'project'), { recursive: true })
    this.say('Starting DingTalk and Kingdee (simulators) and the hub …', '正在启动钉钉、金蝶（模拟器）和枢纽……')
    const simulator = (name: string): Promise<Running> =>
      startShuniu(['sim', name, '--port', '0', '--data', join(this.folder, name)], this.environment)
    const [dingtalk, kingdee] = await Promise.all([simulator('dingtalk'), simulator('kingdee')])
    this.running = [dingtalk, kingdee]
    this.environment = { ...this.environment, DINGTALK_URL: dingtalk.url, KINGDEE_URL: kingdee.url }
    await this.house.start({ folder: this.folder, environment: this.environment, say: (en, zh) => this.say(en, zh) })
    this.narrator = new Narrator(() => this.hubUrl, this.options)
    this.narrator.start()
    return { dingtalk: dingtalk.url, kingdee: kingdee.url }
  }

  /** `untilTheLast`: after the last scene nobody waits, so that a kill meets work under way. */
  async play(scenes: readonly Scene[], systems: Systems, { untilTheLast = false } = {}): Promise<void> {
    for (const scene of scenes) {
      this.options.stopped.throwIfAborted()
      if (scene.says.en) this.options.say(`\n▸ ${scene.says[this.options.language]}`)
      await scene.play(systems)
      await new Promise((resolve) => setTimeout(resolve, 400))
      if (!untilTheLast || scene !== scenes.at(-1)) await this.letItEnd()
    }
  }

  /** What comes of a scene is told before the next one; what takes longer, such as a lost answer, comes when it comes. */
  private async letItEnd(): Promise<void> {
    const end = Date.now() + sceneMs
    while (Date.now() < end && !(await this.isQuiet())) await new Promise((resolve) => setTimeout(resolve, 100))
    await this.narrator?.catchUp()
  }

  /** In the middle of its work. */
  strike(): Promise<void> {
    return this.house.strike()
  }

  /** Waits until nothing is under way any more; what the pushes lost is found by a sweep. */
  async settle({ dingtalk, kingdee }: Systems): Promise<Proof> {
    this.say('\n▸ Waiting until everything has settled …', '\n▸ 等待全部处理完毕……')
    await this.sweep()
    const addresses = { dingtalk, kingdee, hub: this.hubUrl, language: this.options.language }
    const end = Date.now() + patience
    let proof = await prove(addresses)
    while (Date.now() < end && !(isWhole(proof) && (await this.isQuiet()))) {
      this.options.stopped.throwIfAborted()
      await new Promise((resolve) => setTimeout(resolve, 500))
      proof = await prove(addresses)
    }
    await this.narrator?.stop()
    return proof
  }

  async close(): Promise<void> {
    await this.narrator?.stop()
    await this.house.close()
    await Promise.all(this.running.map((one) => one.stop()))
    rmSync(this.folder, { recursive: true, force: true })
  }

  /** Whichever process of it looks after the connection. */
  private async sweep(): Promise<void> {
    for (const url of this.house.urls) {
      const answer = await fetch(`${url}/api/v1/connections/dingtalk-main/sweep`, { method: 'POST' })
      if (!answer.ok) throw new Error(`the sweep answered ${answer.status}`)
    }
  }

  private async isQuiet(): Promise<boolean> {
    const answer = await fetch(`${this.hubUrl}/api/v1/conservation`)
    const { receipts, deliveries } = (await answer.json()) as Record<string, { inFlight: number }>
    return receipts?.inFlight === 0 && deliveries?.inFlight === 0
  }

  private say(en: string, zh: string): void {
    this.options.say(this.options.language === 'zh' ? zh : en)
  }
}
