import { isRecord, type Value } from '@shuniu/contracts'
import type { Row } from '@shuniu/infra/store'
import { unpackRecord } from '../standing.ts'
import type { Say } from '../speech.ts'
import type { Line, Teller } from './teller.ts'

/** One line the ledger noted beside an effect: a failed answer, a look-up, a decision. */
export function tellTrace({ at, what, detail }: Row<'traces'>, effect: Row<'effects'>, teller: Teller): Line {
  const kept = unpackRecord(detail)
  const facts = { reference: effect.reference }
  switch (what) {
    case 'failed': {
      const { code, day, amount } = kept
      return { at, what, text: failed(kept, teller), facts: { ...facts, code, day, amount } }
    }
    case 'look-up':
      return { at, what: 'looked up', text: lookedUp(kept, teller), facts: { ...facts, verdict: kept['verdict'] } }
    case 'given up':
      return {
        at,
        what,
        text: `${teller.say('Given up: ', '已放弃：')}${teller.veil.text(String(kept['because'] ?? ''))}`,
        facts,
      }
    case 'resolved by a person': {
      const { document, same } = kept
      const differs = same === true ? '' : teller.say(' although it differs', '（内容有差异，仍予接受）')
      const text = teller.say(
        `A person named document ${String(document)}${differs}.`,
        `由人工确认为单据 ${String(document)}${differs}。`,
      )
      return { at, what: 'resolved', text, facts: { ...facts, document } }
    }
    default:
      return { at, what, text: what, facts }
  }
}

function failed(kept: Readonly<Record<string, Value>>, { say, veil }: Teller): string {
  const words = veil.text(String(kept['message'] ?? ''))
  switch (kept['class']) {
    case 'ambiguous':
      return say(
        `No answer one can trust (${words}): in doubt, so it is looked up and not sent again.`,
        `没有得到可信的答复（${words}）：存疑，先按参考号查询，不重发。`,
      )
    case 'duplicate':
      return say(
        `The target says it has it already (${words}): looked up by our reference.`,
        `目标系统称已存在（${words}）：按参考号查询。`,
      )
    case 'invalid':
      return say(
        `Refused, nothing was saved${terms(kept, say)}: ${words}`,
        `被拒绝，未保存${terms(kept, say)}：${words}`,
      )
    default:
      return say(`Not carried out, will be tried again: ${words}`, `未执行，将重试：${words}`)
  }
}

/** What the refused body said: by now it may have been built anew, with another date. */
function terms({ day, amount }: Readonly<Record<string, Value>>, say: Say): string {
  const known = [day, amount].filter((one) => typeof one === 'string').join(say(', ', '，'))
  return known === '' ? '' : say(` (it said ${known})`, `（当时为 ${known}）`)
}

function lookedUp({ found, proven, verdict }: Readonly<Record<string, Value>>, { say }: Teller): string {
  const documents = Array.isArray(found) ? found.filter(isRecord) : []
  const names = documents.map(({ number, id }) => `${String(number ?? '')} (${String(id ?? '')})`).join(', ')
  if (documents.length > 0) return say(`Looked up by our reference: found ${names}.`, `按参考号查询：找到 ${names}。`)
  if (proven !== true)
    return say(
      'Looked up by our reference: nothing seen, but the look-up could not show that it sees; that proves nothing.',
      '按参考号查询：未见单据，但无法证明查询有效，不作为不存在的依据。',
    )
  return verdict === 'absent'
    ? say('Looked up by our reference: certainly absent.', '按参考号查询：已证实不存在。')
    : say('Looked up by our reference: not there yet; looking again.', '按参考号查询：尚不存在，稍后再查。')
}
