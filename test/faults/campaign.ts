import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { Aim } from './aim.ts'
import { chance as chanceOf, type Chance } from './chance.ts'
import { DataFile } from './data-file.ts'
import { freezeAtSend } from './freeze.ts'
import { Load } from './load.ts'
import { pause } from '../processes/pause.ts'
import { freezesOf300, scaled, Tally, type Phase } from './phases.ts'
import type { Outcome } from './outcome.ts'
import { putTrouble, share } from './trouble.ts'
import { reachVerdict, type Verdict } from './verdict.ts'
import { Wire } from './wire.ts'
import { World } from './world.ts'

export interface CampaignOptions {
  readonly product: string
  /** Everything that is written lies here. */
  readonly folder: string
  readonly kills: number
  readonly seed: number
  /** Approvals a second. */
  readonly rate: number
  /** ms the hub may need at the end until nothing is under way any more. */
  readonly patience: number
  readonly say: (line: string) => void
}

export async function runCampaign(options: CampaignOptions): Promise<Outcome> {
  mkdirSync(options.folder, { recursive: true })
  const world = await World.open(options)
  const campaign = new Campaign(options, world)
  try {
    return await campaign.run()
  } finally {
    await world.close()
  }
}

/** Freezes that hit no send are made up for at the end, within reason. */
const mostExtraFreezes = 5

class Campaign {
  private readonly chance: Chance
  private readonly dataFile: DataFile
  private readonly wire: Wire
  private readonly load: Load
  private readonly aim: Aim
  private readonly tally: Tally
  private readonly findings: string[] = []
  private readonly began = performance.now()
  private readyAt = 0
  private watching = true
  private killedBeforeWrite = 0
  private killedStarting = 0
  private frozen = { before: 0, inside: 0, killed: 0 }

  constructor(
    private readonly options: CampaignOptions,
    private readonly world: World,
  ) {
    this.chance = chanceOf(options.seed)
    this.dataFile = new DataFile(world.data)
    this.wire = new Wire(this.dataFile, [world.dingtalk, world.kingdee])
    this.load = new Load(world.dingtalk, this.chance.fork('load'), { rate: options.rate, withdrawn: share.withdrawn })
    this.aim = new Aim(world, this.dataFile, this.load, this.chance.fork('aim'))
    this.tally = new Tally(options.kills)
  }

  async run(): Promise<Outcome> {
    await this.start()
    await putTrouble(this.world, this.chance.fork('faults'))
    this.load.start()
    const watch = this.watch()
    await this.kill()
    await this.load.stop()
    const faults = { ...(await this.world.kingdee.fired()), ...(await this.world.dingtalk.fired()) }
    const verdict = await this.conclude()
    this.watching = false
    await watch
    return this.outcome(faults, verdict)
  }

  /** Kills, with freezes spread evenly between them. */
  private async kill(): Promise<void> {
    const { kills } = this.options
    const freezes = scaled(freezesOf300, kills)
    for (let done = 0; done < kills; done++) {
      await pause(this.chance.between(50, 350))
      const due = Math.floor(((done + 1) * freezes) / kills)
      const killed = this.frozen.before < due && (await this.freeze())
      if (!killed) await this.aim.kill(this.target())
      await this.afterKill()
      if ((done + 1) % 10 === 0 || done + 1 === kills) this.progress(done + 1)
    }
    for (let left = mostExtraFreezes; left > 0 && this.frozen.before < freezes; left--) {
      if (await this.freeze()) await this.afterKill()
    }
  }

  /** Something that is short, but not always: surprises come where nobody aims. */
  private target(): Phase | undefined {
    const short = this.tally.short()
    return short.length > 0 && this.chance.of(0.85) ? this.chance.pick(short) : undefined
  }

  /** True when it ended with a kill instead of going on. */
  private async freeze(): Promise<boolean> {
    const { world, dataFile, wire, load, options } = this
    const chance = this.chance.fork(`freeze ${this.frozen.before + this.frozen.inside}`)
    // Longer ones are rarer, so that they do not take up all the time.
    const ms = 3_000 + Math.floor(17_000 * (chance.between(0, 1000) / 1000) ** 3)
    const scratch = join(options.folder, 'scratch')
    mkdirSync(scratch, { recursive: true })
    const where = await freezeAtSend({ world, dataFile, wire, load, chance, scratch }, ms)
    if (where === undefined) return false
    if (where === 'before the write') this.frozen.before++
    else this.frozen.inside++
    const dies = this.frozen.before === 2 || (this.frozen.before > 2 && chance.of(0.3))
    if (dies) {
      this.frozen.killed++
      await world.killHub()
      return true
    }
    world.signalHub('SIGCONT')
    await pause(800)
    return false
  }

  private async afterKill(): Promise<void> {
    const at = Date.now()
    const { world, dataFile } = this
    // What had left arrives.
    await pause(20)
    const unsent = this.wire.notArrived(await this.wire.look())
    if (unsent.length > 0) this.killedBeforeWrite++
    const glance = dataFile.glance()
    const received = dataFile.received()
    const onTheWay = this.load.given.some(
      (one) => one.at > Math.max(this.readyAt, at - 500) && one.at <= at && !received.has(one.id),
    )
    const hit: Phase[] = [
      ...(onTheWay ? ['receive' as const] : []),
      ...(glance.normalising > 0 ? ['normalise' as const] : []),
      ...(glance.sending > 0 ? ['sending' as const] : []),
      ...(glance.inDoubt > 0 ? ['in doubt' as const] : []),
      ...(glance.undoing > 0 ? ['undo' as const] : []),
    ]
    this.tally.count(hit)
    if (dataFile.owner() !== world.hubPid) this.findings.push('the process that was killed was not the hub itself')
    await this.start()
  }

  /** Now and then a hub dies while it takes up what the one before has left. */
  private async start(): Promise<void> {
    if (this.world.starts.length > 0 && this.chance.of(share.diesStarting)) {
      await this.world.killStartingHub(this.chance.between(100, 900))
      this.killedStarting++
    }
    await this.world.startHub()
    this.readyAt = Date.now()
  }

  /** Looks at both ends several times a second. */
  private async watch(): Promise<void> {
    while (this.watching) {
      await pause(150)
      try {
        this.load.tend(await this.wire.look())
      } catch (error) {
        this.findings.push(`watching failed: ${String(error)}`)
      }
    }
  }

  private async conclude(): Promise<Verdict> {
    const { world, dataFile, wire, load, options } = this
    this.say('the load has ended; everything has to drain')
    await Promise.all([world.kingdee.noFaults(), world.dingtalk.noFaults()])
    const verdict = await reachVerdict({ world, dataFile, wire, given: load.given, patience: options.patience })
    const quotas = [
      ...this.tally
        .short()
        .map((phase) => `only ${this.tally.counts[phase]} of ${this.tally.quota(phase)} kills hit ${phase}`),
      ...(this.frozen.before < this.freezeQuota
        ? [`only ${this.frozen.before} of ${this.freezeQuota} freezes hit a send`]
        : []),
    ]
    const ended = world.isHubUp ? [] : ['the hub ended by itself']
    return { ...verdict, findings: [...verdict.findings, ...this.findings, ...load.troubles, ...ended], missed: quotas }
  }

  private get freezeQuota(): number {
    return scaled(freezesOf300, this.options.kills)
  }

  private outcome(faults: Readonly<Record<string, number>>, verdict: Verdict): Outcome {
    const { tally, wire, load, frozen } = this
    const starts = this.world.starts.toSorted((a, b) => a - b)
    const quotas = { receive: 0, normalise: 0, sending: 0, 'in doubt': 0, undo: 0 }
    for (const phase of ['receive', 'normalise', 'sending', 'in doubt', 'undo'] as const)
      quotas[phase] = tally.quota(phase)
    return {
      seed: this.options.seed,
      seconds: this.seconds,
      kills: tally.counts,
      quotas,
      killedBeforeWrite: this.killedBeforeWrite,
      killedStarting: this.killedStarting,
      freezes: { ...frozen, quota: this.freezeQuota },
      approvals: load.given.length,
      withdrawals: load.withdrawals,
      faults,
      calls: wire.calls,
      incomplete: wire.incomplete,
      longestWay: wire.longest,
      start: { median: Math.round(starts[starts.length >> 1] ?? 0), longest: Math.round(starts.at(-1) ?? 0) },
      verdict,
    }
  }

  private get seconds(): number {
    return Math.round((performance.now() - this.began) / 1000)
  }

  private progress(done: number): void {
    const { counts } = this.tally
    const hit = Object.entries(counts).map(([phase, count]) => `${phase} ${count}`)
    const { before, inside } = this.frozen
    this.say(
      `kill ${done}/${this.options.kills} · ${hit.join(', ')} · frozen ${before} + ${inside} · ${this.load.given.length} approvals`,
    )
  }

  private say(line: string): void {
    this.options.say(`${String(this.seconds).padStart(4)} s  ${line}`)
  }
}
