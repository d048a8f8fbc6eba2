import { Logger, type Type } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { RpcException } from '@nestjs/microservices'
import { missing, withoutBroker } from '@shuniu/infra/kafka/fixtures'
import { openKafka } from '@shuniu/infra/kafka'
import { ShuniuServer, type GivenUp, type ShuniuOptions } from '@shuniu/nest'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { eventOf } from './events.ts'
import { listener, programOf } from './listener.ts'
import { pause } from '../processes/pause.ts'
import { VoucherController } from './voucher.controller.ts'
import { openWorld, type World } from './world.ts'

const waiting = { timeout: 40_000, interval: 50 }

describe.skipIf(missing !== '')(`a NestJS program that reads events${withoutBroker}`, () => {
  let world: World
  beforeAll(async () => {
    world = await openWorld()
    await world.shuniu('contracts', 'apply')
  }, 180_000)
  afterAll(() => world.close())

  let groups = 0
  async function listen(controller: Type, more: Partial<ShuniuOptions> = {}): Promise<() => Promise<void>> {
    const group = `nest-${++groups}`
    const kafka = { brokers: [world.broker] }
    const strategy = new ShuniuServer({ kafka, group, registry: { url: world.registry }, ...more })
    const app = await NestFactory.createMicroservice(programOf(controller), { strategy, logger: ['error', 'fatal'] })
    await app.listen()
    onTestFinished(() => app.close())
    return () => app.close()
  }

  test('gets each event decoded and typed, and a repeat not at all', async () => {
    const said: string[] = []
    const out = vi.spyOn(process.stdout, 'write').mockImplementation((text) => said.push(String(text)) > 0)
    onTestFinished(() => out.mockRestore())
    const [one, two] = [eventOf('finance.voucher.created', 11), eventOf('finance.voucher.created', 12)]
    await world.publish(one, one, two, one)
    await listen(VoucherController)
    await vi.waitFor(() => expect(said.filter((line) => line.startsWith(two.id))).toHaveLength(1), waiting)
    await vi.waitFor(() => expect(said.filter((line) => line.startsWith(one.id))).toHaveLength(1), waiting)
    expect(said).toContain(`${one.id} key-11 记-11 128.50 CNY\n`)
  }, 60_000)

  test('goes on after a handler that always fails, and after a record that nobody can read', async () => {
    const bad = eventOf('finance.voucher.created', 21)
    const after = { ...eventOf('finance.voucher.created', 22), key: bad.key }
    const kafka = await openKafka({ brokers: [world.broker] }, () => undefined)
    onTestFinished(() => kafka.close())
    await world.publish(bad)
    const partition = kafka.partitionOf(bad.key, 2)
    await kafka.send(bad.topic, partition, [{ key: bad.key, value: Buffer.from('no frame'), headers: {} }])
    await world.publish(after)
    const givenUp: GivenUp[] = []
    const { controller, handled } = listener(({ id }) => {
      if (id === bad.id) throw new RpcException('no such account')
    })
    await listen(controller, {
      retry: { attempts: 2, firstPause: 10 },
      onGivenUp: (given) => void givenUp.push(given),
    })
    await vi.waitFor(() => expect(handled.map(({ id }) => id)).toContain(after.id), waiting)
    expect(givenUp.map(({ event, attempts }) => [event?.id, attempts])).toEqual([
      [bad.id, 2],
      [undefined, 1],
    ])
    expect(givenUp.map(({ error }) => error)).toMatchObject([
      { message: 'no such account' },
      { code: 'event.unknown-frame' },
    ])
  }, 60_000)

  test('says in the log what was given up, when nobody else wants to know', async () => {
    const bad = eventOf('finance.voucher.created', 31)
    const errors = vi.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined)
    onTestFinished(() => errors.mockRestore())
    const { controller } = listener(({ id }) => {
      if (id === bad.id) throw new RpcException('no such account')
    })
    await world.publish(bad)
    await listen(controller, { retry: { attempts: 1 } })
    const said = () => errors.mock.calls.map(([line]) => String(line)).find((line) => line.includes(bad.id))
    await vi.waitFor(
      () => expect(said()).toMatch(/^finance\.voucher\.created\.v1\/\d@\d+: .* after 1 attempts: no such account$/),
      waiting,
    )
  }, 60_000)

  test('begins where it ended: what was told to the group does not come again', async () => {
    const group = 'nest-that-restarts'
    const first = listener()
    const [one, two] = [eventOf('finance.voucher.created', 41), eventOf('finance.voucher.created', 42)]
    await world.publish(one)
    const close = await listen(first.controller, { group })
    await vi.waitFor(() => expect(first.handled.map(({ id }) => id)).toContain(one.id), waiting)
    await close()
    await world.publish(two)
    const second = listener()
    await listen(second.controller, { group })
    await vi.waitFor(() => expect(second.handled.map(({ number }) => number)).toEqual(['记-42']), waiting)
  }, 90_000)

  test('is not taken for dead while a handler works longer than the group waits for a sign of life', async () => {
    const slow = eventOf('finance.voucher.created', 61)
    let begun = 0
    const work = async ({ id }: { id: string }): Promise<void> => {
      if (id !== slow.id) return
      begun++
      await pause(9_000)
    }
    const members = [listener(work), listener(work)]
    for (const { controller } of members)
      await listen(controller, { group: 'nest-that-is-slow', sessionTimeout: 6_000 })
    await world.publish(slow)
    const isHandled = (): boolean => members.some(({ handled }) => handled.some(({ id }) => id === slow.id))
    await vi.waitFor(() => expect(isHandled()).toBe(true), waiting)
    // Had the group thought it dead, the other one would have begun with it by now.
    await pause(3_000)
    expect(begun).toBe(1)
  }, 90_000)

  test('is back at work after the broker was killed', async () => {
    const { controller, handled } = listener()
    await listen(controller)
    const [before, after] = [eventOf('finance.voucher.created', 51), eventOf('finance.voucher.created', 52)]
    await world.publish(before)
    await vi.waitFor(() => expect(handled.map(({ id }) => id)).toContain(before.id), waiting)
    const [broker] = world.cluster.brokers
    await broker?.kill()
    await broker?.start()
    await world.publish(after)
    await vi.waitFor(() => expect(handled.map(({ id }) => id)).toContain(after.id), waiting)
  }, 120_000)
})
