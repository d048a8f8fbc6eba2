import { Decimal } from '@shuniu/contracts'
import * as fc from 'fast-check'
import type { ConnectorDefinition } from '../../connector.ts'
import type { Handed } from '../../source.ts'
import type { Answer, Scene, Subject } from '../subject.ts'
import { toyKey, toySystem } from './system.ts'

let turn = 0
const amount = (fen: number) => new Decimal(String(fen))
const line = fc.record({ account: fc.constantFrom('1', '2'), amount: fc.integer({ min: 1, max: 9 }).map(amount) })
const note = fc.record({ day: fc.constantFrom('2026-01-01', '2026-01-02'), lines: fc.array(line, { maxLength: 3 }) })
type Note = (typeof note)['generate'] extends (...given: never[]) => { readonly value: infer Value } ? Value : never

const money = ({ day, lines }: Note): string =>
  JSON.stringify([day, lines.map((one) => `${one.account} ${one.amount}`).toSorted()])
const isNote = (value: unknown): value is Note => typeof value === 'object' && value !== null && 'lines' in value
const moneyOf = (value: unknown): string => (isNote(value) ? money(value) : '')

const says = (status: number, error: string): { answer: Answer } => ({
  answer: { status, body: JSON.stringify({ error }) },
})

/** What the kit needs to try a toy connector, whatever it has. */
export function toySubject<Settings, Link>({
  operations,
  sources,
}: ConnectorDefinition<Settings, Link>): Subject<Link> {
  const [operation] = Object.keys(operations)
  const [source] = Object.keys(sources)
  // Without an operation there is nothing to send, so each sample asks for a check instead.
  const input = () => ({ day: '2026-01-01', lines: [{ account: '1', amount: amount(++turn) }] })
  const pairs = fc
    .tuple(note, fc.constantFrom(0, 1))
    .chain(([left, other]) =>
      (other === 0 ? fc.constant({ ...left, lines: left.lines.toReversed() }) : note).map(
        (right) => [left, right] as const,
      ),
    )
  const samples = {
    'note.save': { input, money: { pairs, same: (a: unknown, b: unknown) => moneyOf(a) === moneyOf(b) } },
  }
  return {
    simulator: toySystem,
    settings: (url) => ({ url, key: toyKey }),
    patience: { send: 120, late: 240 },
    ...(operation === undefined ? {} : { operations: samples }),
    failures: {
      token: says(401, '令牌过期'),
      key: says(403, '密钥错误'),
      refused: says(422, '被拒绝'),
      busy: says(429, '过多'),
      unclear: { answer: { status: 500, body: '出错' } },
    },
    ...(source === undefined ? {} : { sources: { [source]: { form: 'F', forms: {}, documents } } }),
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
