import { parseJson } from '@shuniu/infra/json'
import type { StreamEventHeaders } from './events.ts'
import { filledText, foldedKeys, recordOf } from './tolerant.ts'

/** A frame of the stream, by what it asks of us (dingtalk.md §3.2). */
export type Frame =
  | { readonly is: 'event'; readonly messageId: string; readonly headers: StreamEventHeaders; readonly data: string }
  /** A topic we did not ask for: bot messages, card actions. */
  | { readonly is: 'callback'; readonly messageId: string }
  | { readonly is: 'ping'; readonly messageId: string; readonly data: string }
  | { readonly is: 'disconnect'; readonly because: string }
  | { readonly is: 'other' }

/** Reads one text frame. What cannot be understood, or cannot be answered for want of an id, is `other`. */
export function readFrame(text: string): Frame {
  const frame = parsed(text)
  const headers = foldedKeys(recordOf(frame?.headers) ?? {})
  const messageId = filledText(headers.messageid)
  const data = filledText(frame?.data) ?? ''
  const type = filledText(frame?.type)
  const topic = filledText(headers.topic)
  if (type === 'SYSTEM' && topic === 'disconnect') return { is: 'disconnect', because: data.slice(0, 200) }
  if (messageId === undefined) return { is: 'other' }
  if (type === 'SYSTEM') return topic === 'ping' ? { is: 'ping', messageId, data } : { is: 'other' }
  if (type === 'CALLBACK') return { is: 'callback', messageId }
  if (type !== 'EVENT') return { is: 'other' }
  const event: StreamEventHeaders = {
    eventType: filledText(headers.eventtype) ?? '',
    eventId: filledText(headers.eventid),
    eventCorpId: filledText(headers.eventcorpid),
    eventBornTime: filledText(headers.eventborntime),
  }
  return { is: 'event', messageId, headers: event, data }
}

function parsed(text: string) {
  try {
    return recordOf(parseJson(text, { maxDepth: 8 }))
  } catch {
    return undefined
  }
}

/** The answer to one frame; `data` = what the kind of frame asks for, as JSON text. */
function answer(messageId: string, data: string, code = 200, message = 'OK'): string {
  return JSON.stringify({ code, message, headers: { messageId, contentType: 'application/json' }, data })
}

/** It is stored durably. */
export const taken = (messageId: string): string => answer(messageId, '{"status":"SUCCESS","message":"success"}')

/** Not now: the platform delivers it again. */
export const later = (messageId: string): string => answer(messageId, '{"status":"LATER","message":"try again later"}')

/** A ping is answered with its own data. */
export const pong = (messageId: string, data: string): string => answer(messageId, data)

export const notServed = (messageId: string): string => answer(messageId, '{}', 404, 'topic not served')
