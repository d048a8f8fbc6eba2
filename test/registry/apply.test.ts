import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { contract, contracts, schemaNumber } from '@shuniu/contracts'
import type { RunningHub } from '@shuniu/hub'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { run } from '../clients/command.ts'
import { openSystems, startOn, type Systems } from '../scenarios/rig.ts'

let systems: Systems
let hub: RunningHub
beforeAll(async () => {
  systems = await openSystems()
  mkdirSync(join(systems.project.dir, 'contracts'), { recursive: true })
  hub = await startOn(systems)
})
afterAll(async () => {
  await hub.close()
  await systems.close()
})

const shuniu = (...argv: string[]) => run([...argv, '--project', systems.project.dir], hub.url)
const ask = async (path: string): Promise<unknown> => (await fetch(`${hub.url}/registry/${path}`)).json()
const own = (type: string): string =>
  contract('finance.voucher.created')
    .text.replace('"finance.voucher.created.v1"', `"${type}.v1"`)
    .replace('"VoucherCreated"', '"OrderChanged"')

test('apply registers every contract with its level, and again does nothing', async () => {
  systems.project.write('contracts/sales.order.changed.avsc', own('sales.order.changed'))
  const first = await shuniu('contracts', 'apply', '--json')
  expect(first).toMatchObject({ code: 0 })
  expect(JSON.parse(first.out)).toMatchObject({ registered: contracts.length + 1 })
  expect(await ask('subjects')).toEqual(
    [...contracts.map(({ topic }) => `${topic}-value`), 'sales.order.changed.v1-value'].toSorted(),
  )
  for (const { topic, compatibility, text } of contracts) {
    expect(await ask(`config/${topic}-value`)).toEqual({ compatibilityLevel: compatibility })
    expect(await ask(`subjects/${topic}-value/versions/latest`)).toMatchObject({ id: schemaNumber(text), version: 1 })
  }
  expect(JSON.parse((await shuniu('contracts', 'apply', '--json')).out)).toMatchObject({ registered: 0 })
})

test('a break is said with whom it hurts, and nothing at all is registered', async () => {
  const file = 'contracts/sales.order.changed.avsc'
  const before = systems.project.read(file)
  systems.project.write(
    'contracts/sales.order.lost.avsc',
    own('sales.order.lost').replace('"OrderChanged"', '"OrderLost"'),
  )
  systems.project.write(file, before.replace('"name":"currency"', '"name":"money"'))
  const { code, out } = await shuniu('contracts', 'apply')
  expect(code).toBe(1)
  expect(out).toContain('sales.order.changed.v1-value')
  expect(out).toContain('consumers that read with version 1')
  expect(await ask('subjects')).not.toContain('sales.order.lost.v1-value')
  systems.project.write(file, before)
})

test('a change of words is a version of its own, and the old one stays readable', async () => {
  const file = 'contracts/sales.order.changed.avsc'
  const before = systems.project.read(file)
  systems.project.write(file, before.replace('"doc":"', '"doc":"More words. '))
  expect(JSON.parse((await shuniu('contracts', 'apply', '--json')).out)).toMatchObject({ registered: 2 })
  expect(await ask('subjects/sales.order.changed.v1-value/versions')).toEqual([1, 2])
  expect(await ask(`schemas/ids/${schemaNumber(before)}`)).toMatchObject({ schema: before })
})

test('without a hub it says that there is none', async () => {
  expect((await run(['contracts', 'apply', '--project', systems.project.dir], 'http://127.0.0.1:9')).code).toBe(69)
})
