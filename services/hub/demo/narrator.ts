import type { Language } from '@shuniu/contracts'
import { wordIn } from '../cli/words.ts'

interface Watching {
  readonly language: Language
  readonly say: (line: string) => void
}

interface RunItem {
  readonly id: number
  readonly kind: string
  readonly flow: string
  readonly number: string | null
  readonly state: string
  readonly reason: string | null
  readonly message?: string | null
}

interface EffectItem {
  readonly reference: string
  readonly run: number
  readonly number: string | null
  readonly kind: string
  readonly operation: string
  readonly state: string
  readonly documentNumber: string | null
  readonly lookUps: number
  /** Reference of what undid it. */
  readonly undoneBy?: string | null
}

/** Tells what the hub does while it does it, from its public API, in words a finance person understands. */
export class Narrator {
  private readonly told = new Map<string, string>()
  /** Runs that posted something. */
  private readonly posted = new Set<number>()
  private timer: NodeJS.Timeout | undefined
  private busy: Promise<void> = Promise.resolve()

  constructor(
    private readonly hub: () => string,
    private readonly watching: Watching,
  ) {}

  start(): void {
    this.timer = setInterval(() => void (this.busy = this.look().catch(() => undefined)), 600)
  }

  /** Tells what there is to tell up to now. */
  async catchUp(): Promise<void> {
    await this.busy
    await (this.busy = this.look().catch(() => undefined))
  }

  async stop(): Promise<void> {
    clearInterval(this.timer)
    await this.catchUp()
  }

  private async look(): Promise<void> {
    const runs = await this.list<RunItem>('runs')
    // Read after the runs: what a run that has ended has posted is among them.
    const effects = await this.list<EffectItem>('effects')
    for (const effect of effects) this.tellEffect(effect, effects)
    for (const run of runs) this.tellRun(run)
  }

  private async list<T>(what: string): Promise<T[]> {
    const answer = await fetch(`${this.hub()}/api/v1/${what}?limit=500&lang=${this.watching.language}`)
    return ((await answer.json()) as { items: T[] }).items.toReversed()
  }

  private tellEffect(effect: EffectItem, all: readonly EffectItem[]): void {
    const { reference, run, number, kind, operation, state, documentNumber, lookUps } = effect
    if (kind !== 'money' || !this.isNews(reference, state)) return
    if (state === 'confirmed') this.posted.add(run)
    const reversal = operation.endsWith('reverse')
    if (state === 'confirmed' && lookUps > 0)
      this.say(
        `  ✓ ${number}: asked Kingdee by our reference: ${documentNumber} exists — linked, not posted again`,
        `  ✓ ${number}：按我方参考号查询金蝶，凭证 ${documentNumber} 已存在——直接关联，不再重复生成`,
      )
    else if (state === 'confirmed' && reversal)
      this.tellReversal(effect, all.find(({ undoneBy }) => undoneBy === reference) ?? effect)
    else if (state === 'confirmed')
      this.say(`  ✓ ${number} → ${documentNumber}`, `  ✓ ${number} → 凭证 ${documentNumber}`)
    else if (state === 'in doubt')
      this.say(
        `  ? ${number}: sent, no answer. Nobody sends it again before Kingdee was asked.`,
        `  ? ${number}：已发送但没有应答。在向金蝶核实之前不会重发。`,
      )
  }

  /** What was reversed stands first; the revocation or change that asked for it has a number of its own. */
  private tellReversal({ number, documentNumber }: EffectItem, reversed: EffectItem): void {
    const [en, zh] =
      reversed.number === number ? ['', ''] : [` (withdrawn or changed by ${number})`, `（由 ${number} 撤销或变更）`]
    this.say(
      `  ↩ ${reversed.number}: ${reversed.documentNumber} reversed by ${documentNumber}${en}`,
      `  ↩ ${reversed.number}：凭证 ${reversed.documentNumber} 已由 ${documentNumber} 红字冲销${zh}`,
    )
  }

  private tellRun({ id, kind, flow, number, state, reason, message }: RunItem): void {
    if (!flow || !this.isNews(`run ${id}`, `${state} ${reason}`)) return
    if (state === 'parked')
      this.say(
        `  ! ${number}: waits for a person (${reason}). ${message ?? ''}`,
        `  ! ${number}：待人工处理（${wordIn('zh', reason ?? '')}）。${message ?? ''}`,
      )
    if (state === 'skipped' && kind === 'flow' && this.posted.has(id))
      this.say(
        `  – ${number}: withdrawn after it was posted; what exists is undone`,
        `  – ${number}：生成凭证后审批被撤销，已生成的将冲销`,
      )
    else if (state === 'skipped' && kind === 'flow')
      this.say(
        `  – ${number}: nothing to post (${reason})`,
        `  – ${number}：无需生成凭证（${wordIn('zh', reason ?? '')}）`,
      )
  }

  private isNews(what: string, state: string): boolean {
    if (this.told.get(what) === state) return false
    this.told.set(what, state)
    return true
  }

  private say(en: string, zh: string): void {
    this.watching.say(this.watching.language === 'zh' ? zh : en)
  }
}
