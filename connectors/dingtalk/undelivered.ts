import { writeJson } from '@shuniu/infra/json'
import type { ValueRecord } from '@shuniu/contracts'
import type { Handed } from '@shuniu/sdk'
import { unexpected } from './answers.ts'
import { handedOfSweep, readEvent } from './events.ts'
import { callOldApi, type Session } from './session.ts'
import { filledText, isTrue, recordOf, recordsOf } from './tolerant.ts'

/**
 * Finished approvals whose HTTP push was given up (dingtalk.md §2.2), up to 200 a call; listed some minutes after the last
 * attempt, and removed by being given. Whatever else is listed brings no document. How long the list is kept is not known,
 * so it only tells sooner what sweeps find.
 */
export async function undelivered(session: Session): Promise<{ handed: readonly Handed[]; more: boolean }> {
  if (!session.settings.callback) return { handed: [], more: false }
  const path = '/call_back/get_call_back_failed_result'
  const answer = await callOldApi(session, { operation: 'push.failed', method: 'GET', path })
  if (!Array.isArray(answer.failed_list)) throw unexpected('failed pushes without a list')
  return { handed: recordsOf(answer.failed_list).flatMap(finished), more: isTrue(answer.has_more) }
}

/** An item without event id, in a shape of its own: `{ call_back_tag, <tag>: { bpmsCallBackData } }`. */
function finished(item: ValueRecord): Handed[] {
  const tag = filledText(item.call_back_tag) ?? ''
  const said = recordOf(recordOf(item[tag])?.bpmsCallBackData)
  const event = said && readEvent(writeJson({ ...said, EventType: tag }))
  if (event?.type !== 'bpms_instance_change' || event.change !== 'finish') return []
  return event.form === undefined || event.subject === '' ? [] : [handedOfSweep(event.form, event.subject)]
}
