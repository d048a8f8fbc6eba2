import { Day, Decimal } from '@shuniu/contracts'
import { openScene, type Scene } from '@shuniu/sdk/kit'
import connector from './connector.ts'
import type { Kingdee } from './link.ts'
import { simulator } from './simulator/main.ts'
import { written } from './test-site.ts'

export type TestScene = Scene<Kingdee> & AsyncDisposable

/** A simulator and a connection to it. */
export const openKingdeeScene = (more: object = {}, options: Record<string, string> = {}): Promise<TestScene> =>
  openScene(connector, { simulator, options, settings: (url) => ({ ...written(url), ...more }) })

/** Today in Shanghai, as the engine hands it to `prepare`. */
export const today = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10)
export const thisMonth = today.slice(0, 7)
export const dayOf = (text: string): Day => Day.parse(text) ?? Day.ofEpochDay(0)
export const money = (text: string): Decimal => new Decimal(text)

/** A payment of 1,060 yuan with three lines; `change` replaces parts of it. */
export function payment(change: object = {}) {
  const summary = '报销 李若溪 11月办公用品 审批20251118000731'
  return {
    book: '001',
    date: dayOf(today),
    entries: [
      { summary, account: '6602.03', department: 'D03', debit: money('1000') },
      { summary, account: '2221.01.01', debit: money('60') },
      { summary, account: '1002.01', credit: money('1060') },
    ],
    ...change,
  }
}

/** What `voucher.save` has to say against an input, as `reason path`. */
export async function objections({ hub }: Scene<Kingdee>, input: unknown): Promise<string[]> {
  const { validate, input: schema } = hub.operation('voucher.save')
  const findings = (await validate?.(hub.link, schema.parse(input))) ?? []
  return findings.map(({ reason, path }) => `${reason} ${path}`)
}

/** What a `prepare` gives, whatever it is. */
export function prepared({ hub }: Scene<Kingdee>, operation: string, input: unknown, context: object = {}) {
  const { prepare, input: schema } = hub.operation(operation)
  return prepare(hub.link, schema.parse(input), 'SN00000000000000000000000PRE', { today, ...context })
}
