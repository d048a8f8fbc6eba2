import { eventIdBytes, contract, encode, frame, toHeaders, type HubEvent } from '@shuniu/contracts'
import { schemaId } from '@shuniu/hub'
import type { EventRow } from '@shuniu/infra/store'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openRig, payment, type Rig } from './rig.ts'

let rig: Rig
beforeEach(async () => void (rig = await openRig()))
afterEach(() => rig.close())

function row(event: HubEvent): EventRow {
  const its = contract(event.type)
  const eventId = eventIdBytes(event.id)
  if (!eventId) throw new Error('no id')
  return {
    eventId,
    topic: event.topic,
    key: event.key,
    time: event.time.ms,
    attributes: JSON.stringify(toHeaders(event)),
    data: frame(schemaId(its), encode(its, event.data)),
  }
}

const runs = () => rig.hub.parts.store.select('runs', {})
const vouchers = () => rig.kingdee.book.list('voucher').filter(({ reference }) => reference)

test('an approved payment becomes one saved voucher', async () => {
  await rig.hub.parts.log.append([row(payment(1))])
  await expect.poll(async () => (await runs()).map(({ state, reason, detail }) => [state, reason, detail]), { timeout: 8000 }).toEqual([['done', null, null], ['skipped', 'no flow', null]])
  expect(vouchers()).toHaveLength(1)
  console.log(vouchers()[0])
  console.log(await rig.hub.parts.store.select('effects', {}))
})
