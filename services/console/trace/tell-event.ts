import { isDecimal, type Contract, type ValueRecord } from '@shuniu/contracts'
import type { ReadEvent } from '../ports.ts'
import { contractOf, type Line, type Teller } from './teller.ts'
import { amountText, shownData } from './veil.ts'

/** What happened in the business, in the words of its contract, with number and amounts. */
export function tellEvent(event: ReadEvent, teller: Teller): Line {
  const contract = contractOf(teller, event.type)
  const ours = event.source.startsWith('/flows/')
  const what = ours ? 'emitted' : 'event'
  const head = ours ? teller.say(`Told others (${event.type}):`, `对外发布（${event.type}）：`) : ''
  const text = contract ? `${head}${ours ? ' ' : ''}${sentence(contract, event.data, teller)}` : event.type
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
  const amounts = contract.shape.fields.flatMap(({ name }) => {
    const value = data[name]
    return isDecimal(value) && contract.fields[name]?.type.kind === 'decimal' ? [amountText(value)] : []
  })
  const { number, approvalNo, currency } = data
  const named = [approvalNo, number].filter((one) => typeof one === 'string')
  const money = amounts.length > 0 ? [`${typeof currency === 'string' ? `${currency} ` : ''}${amounts.join(' / ')}`] : []
  const lines = Array.isArray(data['lines']) ? [say(`${data['lines'].length} lines`, `明细 ${data['lines'].length} 行`)] : []
  return [first, ...named, ...money, ...lines].join(say(', ', '，'))
}
