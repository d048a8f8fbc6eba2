import type { Row } from '@shuniu/infra/store'
import { standingOf } from '../standing.ts'
import { nextForReceipt, originWords, skipWords } from '../words.ts'
import { parkReasonOf } from '../standing.ts'
import type { Line, Teller } from './teller.ts'

/** When and how it reached us, and what reading it gave. */
export function tellReceipt(row: Row<'receipts'>, teller: Teller): Line[] {
  const { say, language } = teller
  const way = originWords[row.origin]?.[language] ?? row.origin
  const { connection, subject, number } = row
  const received: Line = {
    at: row.received_at,
    what: 'received',
    text: say(
      `Received from ${connection}, ${way}; kept on disk before it was acknowledged.`,
      `收到 ${connection} 的单据（${way}），已落盘后才应答。`,
    ),
    facts: { receipt: row.id, origin: row.origin, subject, ...(number === null ? {} : { number }) },
  }
  return [
    received,
    { ...received, what: 'read', text: reading(row, teller), facts: { receipt: row.id, state: row.state } },
  ]
}

function reading(row: Row<'receipts'>, { say, language, veil }: Teller): string {
  const why = row.reason ?? ''
  switch (row.state) {
    case 'published':
      return say(
        `Read afresh from ${row.connection} as ${row.number ?? row.subject} and published.`,
        `已向 ${row.connection} 重新读取单据 ${row.number ?? row.subject} 并发布为事件。`,
      )
    case 'skipped': {
      const because = skipWords[why]?.[language] ?? why
      return say(`Nothing to do: ${because}.`, `无需处理：${because}。`)
    }
    case 'parked': {
      const message = veil.text(standingOf(row.detail, language)?.message ?? why)
      return `${say('Waits for a person: ', '待人工处理：')}${message} ${nextForReceipt(parkReasonOf(row.reason))[language]}`
    }
    default:
      return say('Not read yet; it will be.', '尚未读取，将自动继续。')
  }
}
