import { isDecimal, type Contract, type ValueRecord } from '@shuniu/contracts'
import type { ReadEvent } from '../ports.ts'
import type { Say } from '../speech.ts'
import { contractOf, type Line, type Teller } from './teller.ts'
import { amountText, shownData } from './veil.ts'

/** What happened in the business, in the words of its contract, with number and amounts. */
export function tellEvent(event: ReadEvent, teller: Teller): Line {
  const contract = contractOf(teller, event.type)
  const ours = event.source.startsWith('/flows/')
  const what = ours ? 'emitted' : 'event'
  const head = ours ? teller.say(`Told others (${event.type}): `, `对外发布（${event.type}）：`) : ''
  const text = contract ? `${head}${sentence(contract, event.data, teller)}` : event.type
  return {
    at: event.time.ms,
    what,
    text,
    facts: {
      id: event.id,
      type: event.type,
      source: event.source,
      ...(contract ? { data: shownData(contract, event.data) } : {}),
    },
  }
}

function sentence(contract: Contract, data: ValueRecord, { language, say }: Teller): string {
  const [first = ''] = contract.doc[language].split(/[.。]/)
  const { number, approvalNo, lines } = data
  const parts = [
    first,
    approvalNo,
    number,
    changed(contract, data, say),
    moneyOf(contract, data),
    Array.isArray(lines)
      ? say(lines.length === 1 ? '1 line' : `${lines.length} lines`, `明细 ${lines.length} 行`)
      : undefined,
  ]
  return parts.filter((part) => typeof part === 'string').join(say(', ', '，'))
}

/** Only what was changed after it had been approved says its revision. */
function changed({ revision }: Contract, data: ValueRecord, say: Say): string | undefined {
  const count = revision === undefined ? undefined : data[revision]
  return isDecimal(count) && Number(count.toString()) > 1 ? say(`revision ${count}`, `修订 ${count}`) : undefined
}

function moneyOf({ shape }: Contract, data: ValueRecord): string | undefined {
  const amounts = shape.fields.flatMap(({ name, shape: { kind } }) => {
    const value = data[name]
    return kind === 'decimal' && isDecimal(value) ? [amountText(value)] : []
  })
  const { currency } = data
  return amounts.length === 0 ? undefined : [typeof currency === 'string' ? currency : '', ...amounts].join(' ').trim()
}
