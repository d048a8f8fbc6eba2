import { z } from 'zod'

/** Faults every simulator knows, with what each does. */
export const faultTitles = {
  refuse: "the vendor's error answer; nothing is done",
  slow: 'done at once, answered `ms` after it arrived (default 1000)',
  hang: 'nothing is done and nothing is answered; the connection stays open',
  'reset-before': 'nothing is done; the connection is reset',
  'reset-after': 'done, then the connection is reset instead of an answer',
  'execute-then-timeout': 'done, never answered; the connection stays open',
  late: 'done `ms` after it arrived (default 5000), never answered',
  'html-502': 'nothing is done; an HTML page with status 502',
  throttle: "the vendor's own words for too many calls; nothing is done",
  'token-expired': "the vendor's own words for a lost token or session; nothing is done",
  'partial-batch': 'a batch is done in part only',
  'empty-query': 'a query answers that it found nothing',
  'duplicate-push': 'a push is sent twice',
  'lost-push': 'a push is not sent',
  'reordered-push': 'a push is held back until the next one has been sent',
} as const

export type Fault = keyof typeof faultTitles
const names = Object.keys(faultTitles)
const isFault = (name: string): name is Fault => name in faultTitles
/** The closed list of faults. */
export const faults: readonly Fault[] = names.filter(isFault)

const pushFaults: ReadonlySet<Fault> = new Set<Fault>(['duplicate-push', 'lost-push', 'reordered-push'])

/** What `POST /_sim/faults` takes. Without `times` and `rate` it fires on every call until removed. */
export const faultRule = z.strictObject({
  on: z.string().describe('operation name as the connector calls it, or *'),
  fault: z.enum(faults),
  times: z.int().positive().optional().describe('at most so often'),
  rate: z.number().min(0).max(1).optional().describe('share of the calls, 0 to 1'),
  after: z.int().min(0).optional().describe('so many matching calls pass first'),
  ms: z.int().min(0).optional().describe('milliseconds, for slow and late'),
  seed: z.int().optional().describe('makes rate repeatable'),
})
export type FaultRule = z.infer<typeof faultRule>

/** A rule in force, with how often it matched and fired. */
export type ActiveFault = FaultRule & { readonly id: number; seen: number; fired: number }

/** The fault a call got. */
export interface TakenFault {
  readonly fault: Fault
  readonly ms?: number
}

/** The faults in force. */
export interface FaultPlan {
  /**
   * The fault for one call (kind `request`, the default) or one outgoing message (`push`) known by these names; counts it.
   * Rules are asked in the order they were added; one that `applies` refuses is not used up.
   */
  take(
    on: string | readonly string[],
    kind?: 'request' | 'push',
    applies?: (fault: Fault) => boolean,
  ): TakenFault | undefined
  add(rule: FaultRule): ActiveFault
  list(): ActiveFault[]
  /** Removes one, or all; says how many. */
  remove(id?: number): number
}

/** Small, fast and repeatable; the quality of chance is of no matter here. */
function chance(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000
  }
}

/** An empty plan. */
export function faultPlan(): FaultPlan {
  let rules: { readonly rule: ActiveFault; readonly draw: () => number }[] = []
  let lastId = 0
  return {
    take(on, kind = 'request', applies = () => true) {
      const called = typeof on === 'string' ? [on] : on
      for (const { rule, draw } of rules) {
        if (rule.on !== '*' && !called.includes(rule.on)) continue
        if (pushFaults.has(rule.fault) !== (kind === 'push')) continue
        if (rule.times !== undefined && rule.fired >= rule.times) continue
        if (!applies(rule.fault)) continue
        rule.seen += 1
        if (rule.seen <= (rule.after ?? 0) || (rule.rate !== undefined && draw() >= rule.rate)) continue
        rule.fired += 1
        return { fault: rule.fault, ms: rule.ms }
      }
      return undefined
    },
    add(rule) {
      lastId += 1
      const active = { ...rule, id: lastId, seen: 0, fired: 0 }
      rules.push({ rule: active, draw: chance(rule.seed ?? Math.trunc(Math.random() * 0x1_0000_0000)) })
      return active
    },
    list: () => rules.map(({ rule }) => ({ ...rule })),
    remove(id) {
      const before = rules.length
      rules = id === undefined ? [] : rules.filter(({ rule }) => rule.id !== id)
      return before - rules.length
    },
  }
}
