import { Decimal, eventId, Instant } from '@shuniu/contracts'
import { unpackValue } from '@shuniu/infra/json'
import { CallFailure } from '@shuniu/infra/outbound'
import { seededRandom } from '@shuniu/infra/time'
import { backoff } from '@shuniu/sdk'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { day, House, payments, start } from './test-house.ts'
import { push } from './test-office.ts'
import { longestWait } from './trouble.ts'

describe('normalising', () => {
  let house: House
  beforeEach(async () => void (house = await House.open()))
  afterEach(async () => {
    const { counted, recounted } = await house.totals()
    expect(counted).toEqual(recounted)
    await house.close()
  })

  const receive = (...handed: ReturnType<typeof push>[]) => house.ingress.receive('office-main', 'push', handed)

  test('an agreed approval becomes an event of its contract', async () => {
    house.office.agree('A', start, { amount: '12000.50' })
    await receive(push('A'))
    await house.quiet()
    const [event] = await house.events()
    expect(event?.type).toBe('approval.payment.approved')
    expect(event?.data).toMatchObject({ approvalId: 'A', approvalNo: 'NO-A', approvedAt: new Instant(start) })
    expect(event?.data['amount']).toEqual(new Decimal('12000.50'))
    expect(String(event?.data['revision'])).toBe('1')
    expect(await house.story()).toEqual(['event-A published'])
  })

  test('the record says what it is about, and its id follows from the fact alone', async () => {
    house.office.agree('A', start)
    await receive(push('A'))
    await house.quiet()
    const fact = { connection: 'office-main', type: 'approval.payment.approved', document: 'A', version: 'agree' }
    const id = eventId({ ...fact, time: new Instant(start) })
    const [record] = await house.records()
    expect(record).toMatchObject({ topic: 'approval.payment.approved.v1', key: 'A', time: start })
    expect([...(record?.data.subarray(0, 5) ?? [])]).toEqual([0, 0, 0, 0, 7])
    expect(JSON.parse(record?.attributes ?? '')).toMatchObject({
      ce_id: id,
      ce_source: '/connections/office-main',
      ce_subject: 'NO-A',
      ce_correlationid: 'A',
      ce_roottime: new Date(start).toISOString(),
    })
    const [receipt] = await house.receipts()
    expect(receipt).toMatchObject({ number: 'NO-A', form: 'PAY', final: 1, events: JSON.stringify([id]) })
  })

  test('the same fact under another key is published without a second event', async () => {
    house.office.agree('A', start)
    await receive(push('A'), push('A', { event: 'event-again' }))
    await house.quiet()
    expect(await house.story()).toEqual(['event-A published', 'event-again published'])
    expect(await house.records()).toHaveLength(1)
  })

  test.each([
    ['the connector declares', payments, 4],
    ['the connection sets', payments.replace('from:', 'limits: { concurrency: 2 }\nfrom:'), 2],
    ['the hub lets at most', payments.replace('from:', 'limits: { concurrency: 100 }\nfrom:'), 64],
  ])('no more documents are begun at once than the calls %s', async (_, yaml, most) => {
    await house.reopen({ yaml })
    let begun = 0
    const { promise: opened, resolve: open } = Promise.withResolvers<void>()
    house.office.gate = () => (begun++, opened)
    const documents = Array.from({ length: 90 }, (_unused, at) => house.office.agree(`A${at}`, start))
    await receive(...documents.map(({ id }) => push(id)))
    await house.until(() => begun === most)
    await receive(push('late'))
    expect(begun).toBe(most)
    open()
    await house.quiet()
    expect(house.office.reads).toHaveLength(91)
  })

  test('a crash between receiving and normalising loses nothing', async () => {
    house.office.agree('A', start)
    house.office.close()
    await receive(push('A'))
    house.office.gate = () => Promise.resolve()
    await house.reopen()
    await house.quiet()
    expect(await house.story()).toEqual(['event-A published'])
    expect(await house.records()).toHaveLength(1)
  })

  test('what the connector skips, what is refused and what is not mapped ends as skipped with its reason', async () => {
    house.office.agree('A', start, { result: 'refuse' })
    house.office.submit('B', start)
    await receive(push('A', { result: 'refuse' }), { ...push('B'), body: '{}' }, push('C', { form: 'LEAVE' }))
    await house.quiet()
    expect(await house.story()).toEqual([
      'event-A skipped where',
      'event-B skipped the approval runs',
      'event-C skipped no mapping',
    ])
    expect((await house.receipts()).map(({ final }) => final)).toEqual([1, 0, 0])
    expect(house.office.reads.toSorted()).toEqual(['A', 'B'])
  })

  test('what is older than the cut-over is skipped', async () => {
    house.office.agree('A', Date.parse('2026-02-28T23:59:59Z'))
    house.office.agree('B', Date.parse('2026-03-01T00:00:00Z'))
    await receive(push('A'), push('B'))
    await house.quiet()
    expect(await house.story()).toEqual(['event-A skipped before cut-over', 'event-B published'])
  })

  test('what cannot be understood is parked with its bytes, and other documents go on', async () => {
    house.office.agree('A', start)
    const junk = { ...push(''), body: '\u0000<xml>' }
    await receive(junk, push('A'))
    await house.quiet()
    expect(await house.story()).toEqual(['event- parked poison', 'event-A published'])
    expect((await house.receipts())[0]?.body).toBe(junk.body)
  })

  test('a mistake of a connector parks the one receipt that met it', async () => {
    house.office.agree('A', start)
    await receive({ ...push('A'), body: 'not JSON' })
    await house.quiet()
    expect(await house.story()).toEqual(['event-A parked poison'])
  })

  test('a value that the contract does not allow parks as invalid, with the sentence', async () => {
    house.office.agree('A', start, { amount: '0.00001' })
    await receive(push('A'))
    await house.quiet()
    expect(await house.story()).toEqual(['event-A parked invalid'])
    const [receipt] = await house.receipts()
    expect(unpackValue(receipt?.detail ?? '')).toMatchObject({
      code: 'contract.invalid',
      message: { zh: expect.any(String) },
    })
    expect(receipt?.final).toBe(1)
  })

  test('two entries that make the same type of one document park it as invalid', async () => {
    const [, entry = ''] = /events:\n( {2}- source[\s\S]*?)(?= {2}- source)/.exec(payments) ?? []
    await house.reopen({ yaml: payments + entry })
    house.office.agree('A', start)
    await receive(push('A'))
    await house.quiet()
    expect(await house.story()).toEqual(['event-A parked invalid'])
    expect(await house.records()).toEqual([])
  })

  test('a push that its document contradicts is read again with growing gaps and parks after 10 minutes', async () => {
    house.office.submit('A', start)
    await receive(push('A'))
    await house.quiet()
    await house.clock.advance(599_000)
    expect(await house.story()).toEqual(['event-A received'])
    await house.clock.advance(1_000)
    await house.until(async () => (await house.story())[0] === 'event-A parked conflict')
    expect(house.office.reads).toHaveLength(9)
    expect(await house.records()).toEqual([])
  })

  test('a push that came before its document was ready is published as soon as that is so', async () => {
    const approval = house.office.submit('A', start)
    await receive(push('A'))
    await house.quiet()
    approval.result = 'agree'
    approval.finishedAt = start + 1_000
    await house.clock.advance(5_000)
    await house.quiet()
    expect(await house.story()).toEqual(['event-A published'])
  })

  test('how long a document has disagreed is counted through a restart', async () => {
    house.office.submit('A', start)
    await receive(push('A'))
    await house.quiet()
    await house.clock.advance(400_000)
    await house.reopen()
    await house.clock.advance(200_000)
    await house.until(async () => (await house.story())[0] === 'event-A parked conflict')
  })

  test('a failed call is tried again, a refusal of the vendor parks with the connector’s own sentence', async () => {
    house.office.agree('A', start)
    house.office.failures.push(
      new CallFailure('transient', { code: 'http.timeout', message: 'too slow' }),
      new CallFailure('fatal', { code: 'office.no-permission', message: '$& 403' }),
    )
    await receive(push('A'))
    await house.quiet()
    expect((await house.receipts())[0]).toMatchObject({ state: 'received', attempts: 1 })
    await house.clock.advance(2_000)
    await house.quiet()
    expect(await house.story()).toEqual(['event-A parked connection'])
    const [receipt] = await house.receipts()
    expect(unpackValue(receipt?.detail ?? '')).toEqual({
      code: 'office.no-permission',
      message: {
        en: 'The office refuses: $& 403 Grant it under Settings.',
        zh: '办公系统拒绝：$& 403 请在设置中授权。',
      },
    })
  })

  test('a wait that the vendor asks for is kept, and twelve failures park', async () => {
    house.office.agree('A', start)
    const failure = new CallFailure('transient', { code: 'http.503', message: 'down', retryAfter: 60_000 })
    house.office.failures.push(...Array.from({ length: 20 }, () => failure))
    await receive(push('A'))
    await house.quiet()
    await house.clock.advance(59_000)
    expect(house.office.failures).toHaveLength(19)
    for (let minute = 0; minute < 13; minute++) {
      await house.clock.advance(61_000)
      await house.quiet()
    }
    expect(house.office.failures).toHaveLength(8)
    expect(await house.story()).toEqual(['event-A parked connection'])
  })

  test('a wait is kept through a restart', async () => {
    house.office.agree('A', start)
    house.office.failures.push(
      new CallFailure('throttled', { code: 'http.429', message: 'too many', retryAfter: 60_000 }),
    )
    await receive(push('A'))
    await house.quiet()
    await house.reopen()
    await house.clock.advance(59_000)
    expect(await house.story()).toEqual(['event-A received'])
    await house.clock.advance(2_000)
    await house.quiet()
    expect(await house.story()).toEqual(['event-A published'])
  })

  test('a receipt that was put off by a clock that was ahead waits no longer than a wait can be', async () => {
    house.clock.jump(20 * day)
    house.office.failures.push(new CallFailure('transient', { code: 'office.down', message: '503' }))
    house.office.agree('A', start)
    await receive(push('A'))
    await house.quiet()
    house.clock.jump(-20 * day)
    await house.reopen()
    await house.clock.advance(longestWait)
    await house.quiet()
    expect(await house.story()).toEqual(['event-A published'])
  })

  test('a document that disagrees is not read for ever when the clock was ahead', async () => {
    house.clock.jump(20 * day)
    await receive(push('A'))
    await house.quiet()
    house.clock.jump(-20 * day)
    for (let minute = 0; minute < 12; minute++) {
      await house.clock.advance(60_000)
      await house.until(() => true)
    }
    expect(await house.story()).toEqual(['event-A parked conflict'])
    expect(house.office.reads.length).toBeLessThan(12)
  })

  test('no wait is longer than the longest, whatever a vendor asks for', () => {
    const random = { ...seededRandom(1), next: () => 1 }
    expect(backoff(random, 100, Infinity)).toBe(longestWait)
    expect(backoff(random, 100)).toBeLessThan(longestWait)
  })

  test('a receipt that somebody else has settled meanwhile is left as it is', async () => {
    house.office.agree('A', start)
    const open = house.office.close()
    await receive(push('A'))
    await house.store.commit([
      { update: 'receipts', where: { id: 1 }, set: { state: 'skipped', reason: 'dropped' } },
      { count: 'receipts.skipped', by: 1 },
    ])
    open()
    await house.until(() => house.ingress.state().waiting === 0)
    expect(await house.story()).toEqual(['event-A skipped dropped'])
    expect(await house.records()).toEqual([])
  })

  test('a receipt whose connection is gone parks until it is back', async () => {
    house.office.agree('A', start)
    house.office.close()
    await receive(push('A'))
    house.office.gate = () => Promise.resolve()
    await house.reopen({ yaml: payments.replace('connector: office', 'connector: office\nformerly: office-old') })
    await house.quiet()
    expect(await house.story()).toEqual(['event-A parked connection'])
    await house.reopen()
    expect(await house.ingress.parking.wake('office-main', 'its check passes')).toBe(1)
    await house.quiet()
    expect(await house.story()).toEqual(['event-A published'])
  })

  test('a renamed connection keeps its first name in receipts and events', async () => {
    await house.reopen({ yaml: payments.replace('connector: office', 'connector: office\nformerly: office-old') })
    house.office.agree('A', start)
    await house.ingress.receive('office-old', 'push', [push('A')])
    await house.quiet()
    const [record] = await house.records()
    expect(JSON.parse(record?.attributes ?? '')).toMatchObject({ ce_source: '/connections/office-old' })
  })
})

describe('revisions', () => {
  let house: House
  beforeEach(async () => void (house = await House.open()))
  afterEach(() => house.close())

  const revisions = async (): Promise<string[]> =>
    (await house.events()).map(({ type, data }) => `${type.split('.').at(-1)} ${String(data['revision'])}`)
  const modify = (id: string, at: number) => house.office.agree(id, at, { kind: 'modify', root: 'A' })

  test('a change counts the changes agreed up to it, a revocation carries the highest', async () => {
    house.office.agree('A', start)
    modify('B', start + 1)
    modify('C', start + 2)
    house.office.agree('D', start + 3, { kind: 'revoke', root: 'A' })
    for (const id of ['A', 'B', 'C', 'D']) {
      await house.receive(id)
      await house.quiet()
    }
    expect(await revisions()).toEqual(['approved 1', 'approved 2', 'approved 3', 'withdrawn 3'])
  })

  test('a revision is given once: what is learned later does not change it', async () => {
    house.office.agree('A', start)
    modify('C', start + 2)
    await house.receive('C')
    await house.quiet()
    modify('B', start + 1)
    await house.receive('B')
    await house.quiet()
    await house.ingress.receive('office-main', 'push', [push('C', { event: 'again' })])
    await house.quiet()
    expect(await revisions()).toEqual(['approved 2', 'approved 3'])
    expect((await house.store.select('revisions', {})).map(({ document, revision }) => [document, revision])).toEqual([
      ['C', 2],
      ['B', 3],
    ])
  })

  test('a revocation carries a number that was given although its change is gone', async () => {
    house.office.agree('A', start)
    modify('B', start + 1)
    modify('C', start + 2)
    await house.receive('B', 'C')
    await house.quiet()
    house.office.approvals.delete('B')
    house.office.agree('D', start + 3, { kind: 'revoke', root: 'A' })
    await house.receive('D')
    await house.quiet()
    expect((await revisions()).at(-1)).toBe('withdrawn 3')
  })

  test('changes that race for the same number get one each', async () => {
    house.office.agree('A', start)
    // Finished in the same minute: each counts only itself.
    const ids = ['B', 'C', 'D', 'E']
    const open = house.office.close()
    for (const id of ids) modify(id, start)
    await house.receive(...ids)
    open()
    await house.quiet()
    expect((await revisions()).toSorted()).toEqual(['approved 5', 'approved 6', 'approved 7', 'approved 8'])
  })

  test('a change of what was decided before the cut-over waits for a person', async () => {
    house.office.agree('A', start - 30 * day)
    modify('B', start)
    house.office.agree('C', start, { kind: 'modify', root: 'A', result: 'refuse' })
    await house.receive('B')
    await house.ingress.receive('office-main', 'push', [push('C', { result: 'refuse' })])
    await house.quiet()
    expect(await house.story()).toEqual(['event-B parked human', 'event-C skipped where'])
    await house.ingress.parking.retry(1, { actor: 'li', reason: 'the first one was booked by hand' })
    await house.quiet()
    expect((await house.story())[0]).toBe('event-B published')
  })
})
