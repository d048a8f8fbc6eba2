import { auditHash } from '@shuniu/infra/store'
import { CallFailure } from '@shuniu/infra/outbound'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { House, payments, start } from './test-house.ts'
import { push } from './test-office.ts'

const li = { actor: 'li', reason: 'looked at it' }

describe('a parked receipt', () => {
  let house: House
  beforeEach(async () => void (house = await House.open()))
  afterEach(async () => {
    const { counted, recounted } = await house.totals()
    expect(counted).toEqual(recounted)
    await house.close()
  })

  async function parkedAsInvalid(): Promise<void> {
    house.office.agree('A', start, { amount: '0.00001' })
    await house.ingress.receive('office-main', 'push', [push('A')])
    await house.quiet()
  }

  test('that is retried is read and mapped again', async () => {
    await parkedAsInvalid()
    house.office.agree('A', start, { amount: '1.00' })
    await house.ingress.parking.retry(1, li)
    await house.quiet()
    expect(await house.story()).toEqual(['event-A published'])
  })

  test('that is dropped is skipped, with who and why', async () => {
    await parkedAsInvalid()
    await house.ingress.parking.drop(1, li)
    expect(await house.story()).toEqual(['event-A skipped dropped'])
    expect(await house.store.select('audit', {})).toMatchObject([
      { actor: 'li', action: 'park drop', target: 'receipt 1', reason: 'looked at it', previous: '' },
    ])
  })

  test('leaves a line in the audit log at every decision, each holding the hash of the one before', async () => {
    await parkedAsInvalid()
    await house.ingress.parking.retry(1, li)
    await house.quiet()
    await house.ingress.parking.drop(1, li)
    const [first, second] = await house.store.select('audit', {}, { order: { by: 'id' } })
    expect(first && auditHash(first)).toBe(first?.hash)
    expect(second?.previous).toBe(first?.hash)
  })

  test('decided on at one moment with others: their lines make one chain all the same', async () => {
    for (const id of ['A', 'B', 'C']) house.office.agree(id, start, { amount: '0.00001' })
    await house.receive('A', 'B', 'C')
    await house.quiet()
    await Promise.all([1, 2, 3].map((id) => house.ingress.parking.drop(id, li)))
    const lines = await house.store.select('audit', {}, { order: { by: 'id' } })
    expect(lines.map(({ previous }) => previous)).toEqual(['', lines[0]?.hash, lines[1]?.hash])
  })

  test('goes on where it was after a crash that followed the decision', async () => {
    await parkedAsInvalid()
    house.office.agree('A', start, { amount: '1.00' })
    house.office.close()
    await house.ingress.parking.retry(1, li)
    house.office.gate = () => Promise.resolve()
    await house.reopen()
    await house.quiet()
    expect(await house.story()).toEqual(['event-A published'])
  })

  test('can be decided on once only', async () => {
    await parkedAsInvalid()
    const both = await Promise.allSettled([house.ingress.parking.drop(1, li), house.ingress.parking.drop(1, li)])
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    await expect(house.ingress.parking.retry(1, li)).rejects.toMatchObject({ code: 'receipt.not-parked' })
    await expect(house.ingress.parking.drop(99, li)).rejects.toMatchObject({ code: 'receipt.unknown' })
  })

  test('of a connection that did not work goes on when it works, the others stay', async () => {
    house.office.failures.push(new CallFailure('fatal', { code: 'office.no-permission', message: '403' }))
    house.office.agree('B', start)
    await house.ingress.receive('office-main', 'push', [push('B')])
    await house.quiet()
    await parkedAsInvalid()
    expect(await house.ingress.parking.wake('other', 'its check passes')).toBe(0)
    expect(await house.ingress.parking.wake('office-main', 'its check passes')).toBe(1)
    await house.quiet()
    expect(await house.story()).toEqual(['event-B published', 'event-A parked invalid'])
  })

  test('of a connection that works again goes on although somebody drops another one at that moment', async () => {
    for (const id of ['A', 'B', 'C']) {
      house.office.agree(id, start)
      house.office.failures.push(new CallFailure('fatal', { code: 'office.no-permission', message: '403' }))
    }
    await house.receive('A', 'B', 'C')
    await house.quiet()
    const { parking } = house.ingress
    const [, woken] = await Promise.all([parking.drop(2, li), parking.wake('office-main', 'its check passes')])
    await house.quiet()
    expect([woken, await house.story()]).toEqual([
      2,
      ['event-A published', 'event-B skipped dropped', 'event-C published'],
    ])
  })

  test('of other content under a known id can be let through: the document decides', async () => {
    house.office.agree('A', start)
    await house.ingress.receive('office-main', 'push', [push('A', { result: 'refuse' })])
    await house.ingress.receive('office-main', 'push', [push('A')])
    await house.ingress.parking.retry(2, li)
    await house.clock.advance(600_000)
    await house.quiet()
    const story = await house.story()
    expect(story.map((line) => line.replace(/#[0-9a-f]+/, '#…'))).toEqual([
      'event-A parked conflict',
      'event-A#… published',
    ])
  })
})

describe('opening', () => {
  test('is refused with the first problem of a connection that was not checked', async () => {
    const yaml = payments.replace('= document.amount\n', '= document.amuont\n')
    await expect(House.open({ yaml })).rejects.toMatchObject({ code: 'expression.unknown-field' })
  })
})
