import { Decimal } from '@shuniu/contracts'
import * as fc from 'fast-check'
import type { ConnectorDefinition } from '../../connector.ts'
import type { Handed } from '../../source.ts'
import type { Answer, OperationSample, Scene, Subject } from '../subject.ts'
import { toyKey, toySystem } from './system.ts'

interface Note {
  readonly day: string
  readonly lines: readonly { readonly account: string; readonly amount: Decimal }[]
}

const amount = (fen: number): Decimal => new Decimal(String(fen))
const line = fc.record({ account: fc.constantFrom('1', '2'), amount: fc.integer({ min: 1, max: 9 }).map(amount) })
const note: fc.Arbitrary<Note> = fc.record({
  day: fc.constantFrom('2026-01-01', '2026-01-02'),
  lines: fc.array(line, { maxLength: 3 }),
})
const raised = ({ day, lines: [first, ...others] }: Note): Note => ({
  day,
  lines: first ? [{ ...first, amount: first.amount.plus('1') }, ...others] : [],
})
const reordered = ({ day, lines }: Note): Note => ({ day, lines: lines.toReversed() })

const isNote = (value: unknown): value is Note => typeof value === 'object' && value !== null && 'lines' in value
const moneyOf = (value: unknown): string =>
  isNote(value) ? [value.day, ...value.lines.map((one) => `${one.account} ${one.amount}`).toSorted()].join() : ''

let turn = 0
const noteSample: OperationSample<unknown> = {
  input: () => ({ day: '2026-01-01', lines: [{ account: '1', amount: amount(++turn) }] }),
  money: {
    pairs: fc.oneof(
      fc.tuple(note, note),
      note.map((one) => [one, reordered(one)] as const),
      note.map((one) => [one, raised(one)] as const),
    ),
    same: (left, right) => moneyOf(left) === moneyOf(right),
  },
}

const answers: Readonly<Record<string, Answer>> = {
  token: { status: 401, body: '{"error":"令牌过期"}' },
  key: { status: 403, body: '{"error":"密钥错误"}' },
  refused: { status: 422, body: '{"error":"被拒绝"}' },
  busy: { status: 429, body: '{"error":"过多"}' },
  unclear: { status: 500, body: '出错' },
}

/** What the kit needs to try a toy connector, with or without operations and sources. */
export function toySubject<Settings, Link>(toy: ConnectorDefinition<Settings, Link>): Subject<Link> {
  const { 'note.save': operation } = toy.operations
  const { approval } = toy.sources
  // Without an operation there is nothing to send, so a document is read instead.
  const read = (link: Link) =>
    Promise.resolve(approval?.read(link, { source: 'approval', subject: 'a1', body: '' }, {}))
  const ask = operation === undefined ? { ask: read } : {}
  return {
    simulator: toySystem,
    settings: (url) => ({ url, secret: toyKey }),
    patience: { send: 120, late: 240 },
    operations: operation === undefined ? {} : { 'note.save': noteSample },
    failures: Object.fromEntries(Object.entries(answers).map(([name, answer]) => [name, { answer, ...ask }])),
    sources: approval === undefined ? {} : { approval: { form: 'F', forms: {}, documents } },
  }
}

async function documents({ stand }: Scene<unknown>): Promise<{ new: Handed; modify: Handed; revoke: Handed }> {
  const act = async (name: string, input: object): Promise<Handed> => {
    const { id } = Object(await stand.act(name, input))
    return { source: 'approval', subject: String(id), form: 'F', body: '' }
  }
  const first = await act('approve', {})
  const of = { of: first.subject }
  return { new: first, modify: await act('change', of), revoke: await act('withdraw', of) }
}
