import { hash } from 'node:crypto'
import { isRecord, type Language, type Text } from '@shuniu/contracts'
import { unpackValue, writeJson } from '@shuniu/infra/json'
import { CallFailure, openOutbound, type Outbound } from '@shuniu/infra/outbound'
import type { Change, Row, Store } from '@shuniu/infra/store'
import type { Clock, Timer } from '@shuniu/infra/time'
import type { Connection, Log } from '@shuniu/sdk'

export interface NoticesGround {
  readonly store: Store
  /** Whether it is this process that tells; left out: yes. */
  readonly isOurs?: () => boolean
  readonly clock: Clock
  readonly connections: ReadonlyMap<string, Connection>
  readonly settings: { readonly webhook?: string | undefined; readonly comment?: string | undefined }
  readonly language: Language
  readonly report: Log
}

/** How often new parks are looked for, ms; while they cannot be told, ever more rarely: calls cost. */
const rhythm = 5_000
const longestRhythm = 3_600_000

/** Says once that something waits for a person, or is in doubt longer than its time: by webhook or by a comment. */
export class Notices {
  private timer: Timer | undefined
  private busy: Promise<void> = Promise.resolve()
  private closed = false
  private gap = rhythm
  private readonly webhook: Outbound | undefined

  constructor(private readonly ground: NoticesGround) {
    const { webhook } = ground.settings
    this.webhook = webhook === undefined ? undefined : openWebhook(webhook, ground.clock)
  }

  start(): void {
    const { webhook, comment } = this.ground.settings
    if (webhook === undefined && comment === undefined) return
    this.timer = this.ground.clock.after(this.gap, () => {
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
    if (this.ground.isOurs?.() === false) return
    const { store, report } = this.ground
    try {
      const runs = await store.select('runs', { open: 'parked', noticed_at: null }, { limit: 100 })
      for (const run of runs) await this.notice(ofRun(run, run.reason ?? 'parked', messageOf(run)))
      for (const run of await this.longInDoubt()) await this.notice(ofRun(run, 'in-doubt', stillInDoubt))
      const receipts = await store.select('receipts', { open: 'parked', noticed_at: null }, { limit: 100 })
      for (const receipt of receipts) await this.notice(ofReceipt(receipt))
      this.gap = rhythm
    } catch (error) {
      this.gap = Math.min(this.gap * 2, longestRhythm)
      report.warn('notice.failed', { message: said(error) })
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

  /** Fails when nothing can be told now; what is lost is not said twice. */
  private async notice(news: News): Promise<void> {
    const { store, clock, language, report } = this.ground
    const text = `${news.number ?? news.document}: ${news.reason}. ${news.message[language]}`
    try {
      await this.send(news, text)
    } catch (error) {
      if (!this.isLost(error)) throw error
      report.warn('notice.lost', { [news.what]: news.id, message: said(error) })
    }
    await store.commit([news.noticed(clock.now())])
  }

  /** A comment that was refused, or of which nobody knows whether it arrived. A webhook can tell repeats by their id. */
  private isLost(error: unknown): boolean {
    const isComment = this.webhook === undefined
    return isComment && error instanceof CallFailure && ['ambiguous', 'invalid'].includes(error.failureClass)
  }

  private send(news: News, text: string): Promise<void> {
    const { webhook, comment } = this.ground.settings
    if (webhook !== undefined) return this.post(webhook, news, text)
    return this.comment(comment ?? '', news, text)
  }

  private async post(url: string, { what, id, flow, number, reason }: News, text: string): Promise<void> {
    const body = writeJson({ [what]: String(id), flow, number, reason, text })
    const webhookId = hash('sha256', `${what} ${id} ${reason}`, 'hex').slice(0, 32)
    const headers = { 'content-type': 'application/json', 'webhook-id': webhookId }
    const call = { operation: 'notice', method: 'POST', url, headers, body, timeout: 10_000, changes: true } as const
    const answer = await this.webhook?.call(call)
    if (!answer || answer.status >= 300) throw new Error(`the webhook answered ${answer?.status}`)
  }

  /** A comment on the document itself, in its own system. What has no document there is seen in lists only. */
  private async comment(name: string, { document }: News, text: string): Promise<void> {
    const connection = this.ground.connections.get(name)
    const operation = connection?.operations.get('approval.comment')
    if (!connection || !operation) throw new Error(`${name} cannot comment`)
    if (document === '') return
    const { definition, timeout } = operation
    await definition.ready(connection.link)
    const input = definition.input.parse({ instance: document, text })
    const prepared = await definition.prepare(connection.link, input, '', { today: '' })
    if (prepared.is !== 'body') return
    const permit = await connection.outbound.place('approval.comment')
    const { clock } = this.ground
    const sendBy = { uptime: clock.uptime() + 2_000, wall: clock.now() + 2_000 }
    await definition.send(connection.link, prepared.body, '', { sendBy, permit, timeout })
  }
}

/** One thing to say: which row it is about, and how the row remembers that it was said. */
interface News {
  readonly what: 'run' | 'receipt'
  readonly id: number
  /** Empty for receipts: no flow has seen them. */
  readonly flow: string
  readonly number: string | null
  readonly reason: string
  readonly message: Text
  /** Id of the document in its own system. */
  readonly document: string
  noticed(at: number): Change
}

function ofRun(run: Row<'runs'>, reason: string, message: Text): News {
  const { id, flow, number, key } = run
  const noticed = (at: number): Change => ({ update: 'runs', where: { id }, set: { noticed_at: at } })
  return { what: 'run', id, flow, number, reason, message, document: key, noticed }
}

function ofReceipt(receipt: Row<'receipts'>): News {
  const { id, number, subject, reason } = receipt
  const noticed = (at: number): Change => ({ update: 'receipts', where: { id }, set: { noticed_at: at } })
  const message = messageOf(receipt)
  return { what: 'receipt', id, flow: '', number, reason: reason ?? 'parked', message, document: subject, noticed }
}

function openWebhook(url: string, clock: Clock): Outbound {
  const limits = { concurrency: 2, perSecond: 5, perMonth: 0 }
  return openOutbound({ allow: [{ origin: url, privateAddress: true }], limits, clock })
}

const said = (error: unknown): string => (error instanceof Error ? error.message : String(error))

const stillInDoubt: Text = {
  en: 'Still in doubt after its quarantine: the target cannot be asked, or shows nothing.',
  zh: '隔离期已过仍然存疑：无法查询目标系统，或查询没有结果。',
}

function messageOf(row: { readonly detail: string | null }): Text {
  const detail = row.detail === null ? null : unpackValue(row.detail)
  const message = isRecord(detail) ? detail['message'] : undefined
  if (!isRecord(message)) return { en: '', zh: '' }
  return { en: String(message['en'] ?? ''), zh: String(message['zh'] ?? '') }
}
