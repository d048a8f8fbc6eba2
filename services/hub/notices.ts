import { hash } from 'node:crypto'
import { isRecord, type Language, type Text } from '@shuniu/contracts'
import { unpackValue, writeJson } from '@shuniu/infra/json'
import { openOutbound, type Outbound } from '@shuniu/infra/outbound'
import type { Row, Store } from '@shuniu/infra/store'
import type { Clock, Timer } from '@shuniu/infra/time'
import type { Connection, Log } from '@shuniu/sdk'

export interface NoticesGround {
  readonly store: Store
  readonly clock: Clock
  readonly connections: ReadonlyMap<string, Connection>
  readonly settings: { readonly webhook?: string | undefined; readonly comment?: string | undefined }
  readonly language: Language
  readonly report: Log
}

/** How often new parks are looked for, ms. */
const rhythm = 5_000

/** Says once that something waits for a person, or is in doubt longer than its time: by webhook or by a comment. */
export class Notices {
  private timer: Timer | undefined
  private busy: Promise<void> = Promise.resolve()
  private closed = false
  private readonly webhook: Outbound | undefined

  constructor(private readonly ground: NoticesGround) {
    const { webhook } = ground.settings
    this.webhook = webhook === undefined ? undefined : openWebhook(webhook, ground.clock)
  }

  start(): void {
    const { webhook, comment } = this.ground.settings
    if (webhook === undefined && comment === undefined) return
    this.timer = this.ground.clock.after(rhythm, () => {
      this.busy = this.round().finally(() => !this.closed && this.start())
    })
  }

  async close(): Promise<void> {
    this.closed = true
    this.timer?.cancel()
    await this.busy
    await this.webhook?.close()
  }

  private async round(): Promise<void> {
    try {
      const runs = await this.ground.store.select('runs', { open: 'parked', noticed_at: null }, { limit: 100 })
      for (const run of runs) await this.notice(run, reasonOf(run), messageOf(run))
      for (const run of await this.longInDoubt()) await this.notice(run, 'in-doubt', stillInDoubt)
    } catch (error) {
      this.ground.report.warn('notice.failed', { message: error instanceof Error ? error.message : String(error) })
    }
  }

  /** Runs whose effect has been in doubt for longer than its time-out and quarantine together. */
  private async longInDoubt(): Promise<Row<'runs'>[]> {
    const { store, clock, connections } = this.ground
    const effects = await store.select('effects', { open: 'in doubt' }, { limit: 500 })
    const late = effects.filter((effect) => {
      const operation = connections.get(effect.connection)?.operations.get(effect.operation)
      const allowed = operation ? operation.timeout + operation.quarantine + operation.lookUps.apart * 2 : 0
      return clock.now() - (effect.sent_at ?? 0) > allowed
    })
    const runs = await Promise.all(late.map(({ run }) => store.get('runs', run)))
    return runs
      .filter((run) => run !== undefined)
      .filter(({ noticed_at, state }) => noticed_at === null && state !== 'parked')
  }

  private async notice(run: Row<'runs'>, reason: string, message: Text): Promise<void> {
    const text = `${run.number ?? run.key}: ${reason}. ${message[this.ground.language]}`
    const sent = await this.send(run, reason, text)
    if (sent)
      await this.ground.store.commit([
        { update: 'runs', where: { id: run.id }, set: { noticed_at: this.ground.clock.now() } },
      ])
  }

  private async send(run: Row<'runs'>, reason: string, text: string): Promise<boolean> {
    const { webhook, comment } = this.ground.settings
    try {
      if (webhook !== undefined) await this.post(webhook, run, reason, text)
      else if (comment !== undefined) await this.comment(comment, run, text)
      return true
    } catch (error) {
      this.ground.report.warn('notice.failed', {
        run: run.id,
        message: error instanceof Error ? error.message : String(error),
      })
      return false
    }
  }

  private async post(url: string, run: Row<'runs'>, reason: string, text: string): Promise<void> {
    const body = writeJson({ run: String(run.id), flow: run.flow, number: run.number, reason, text })
    const headers = {
      'content-type': 'application/json',
      'webhook-id': hash('sha256', `${run.id} ${reason}`, 'hex').slice(0, 32),
    }
    const answer = await this.webhook?.call({
      operation: 'notice',
      method: 'POST',
      url,
      headers,
      body,
      timeout: 10_000,
      changes: true,
    })
    if (!answer || answer.status >= 300) throw new Error(`the webhook answered ${answer?.status}`)
  }

  /** A comment on the document itself, in its own system. A notice is never repeated when nobody knows whether it arrived. */
  private async comment(name: string, run: Row<'runs'>, text: string): Promise<void> {
    const connection = this.ground.connections.get(name)
    const operation = connection?.operations.get('approval.comment')
    if (!connection || !operation) throw new Error(`${name} cannot comment`)
    const { definition, timeout } = operation
    await definition.ready(connection.link)
    const input = definition.input.parse({ instance: run.key, text })
    const prepared = await definition.prepare(connection.link, input, '', { today: '' })
    if (prepared.is !== 'body') return
    const permit = await connection.outbound.place('approval.comment')
    const { clock } = this.ground
    const sendBy = { uptime: clock.uptime() + 2_000, wall: clock.now() + 2_000 }
    await definition.send(connection.link, prepared.body, '', { sendBy, permit, timeout })
  }
}

function openWebhook(url: string, clock: Clock): Outbound {
  const limits = { concurrency: 2, perSecond: 5, perMonth: 0 }
  return openOutbound({ allow: [{ origin: url, privateAddress: true }], limits, clock })
}

const reasonOf = (run: Row<'runs'>): string => run.reason ?? 'parked'

const stillInDoubt: Text = {
  en: 'Still in doubt after its quarantine: the target cannot be asked, or shows nothing.',
  zh: '隔离期已过仍然存疑：无法查询目标系统，或查询没有结果。',
}

function messageOf(run: Row<'runs'>): Text {
  const detail = run.detail === null ? null : unpackValue(run.detail)
  const message = isRecord(detail) ? detail['message'] : undefined
  if (!isRecord(message)) return { en: '', zh: '' }
  return { en: String(message['en'] ?? ''), zh: String(message['zh'] ?? '') }
}
