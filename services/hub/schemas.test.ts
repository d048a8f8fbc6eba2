import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { contract, parseContractText, schemaNumber } from '@shuniu/contracts'
import { openEmbedded } from '@shuniu/infra/embedded'
import { openEmbeddedStore, type Store } from '@shuniu/infra/store'
import { SimulatedClock } from '@shuniu/infra/time'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { keepSchemas, schemaId } from './schemas.ts'

const today = contract('finance.voucher.created')
let store: Store
let close: () => Promise<void>
beforeEach(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'shuniu-schemas-'))
  const embedded = await openEmbedded({ folder })
  store = openEmbeddedStore(embedded)
  close = async () => {
    await embedded.close()
    rmSync(folder, { recursive: true })
  }
})
afterEach(() => close())

test('the schema an event was written with is known after its contract has changed', async () => {
  const clock = new SimulatedClock(0)
  ;(await keepSchemas(store, [today], clock)).close()
  const changed = parseContractText(today.text.replace('"doc":"', '"doc":"Changed. ')).contract
  if (!changed) throw new Error('the changed contract is no contract')
  const schemas = await keepSchemas(store, [changed], clock)
  schemas.close()
  expect(schemaId(changed)).not.toBe(schemaId(today))
  expect([schemas.of(schemaId(today)), schemas.of(schemaId(changed)), schemas.of(1)]).toEqual([
    expect.objectContaining({ kind: 'record' }),
    expect.objectContaining({ kind: 'record' }),
    undefined,
  ])
})

test('a schema that is registered later, by whatever process, is known soon', async () => {
  const clock = new SimulatedClock(0)
  const schemas = await keepSchemas(store, [], clock)
  const text = '"string"'
  await store.commit([{ insert: 'schemas', row: { number: schemaNumber(text), type: 'x', text } }])
  expect(schemas.of(schemaNumber(text))).toBeUndefined()
  await clock.advance(2_000)
  await vi.waitFor(() => expect(schemas.of(schemaNumber(text))).toEqual({ kind: 'string' }))
  schemas.close()
})

test('one that is asked for is known at once', async () => {
  const schemas = await keepSchemas(store, [], new SimulatedClock(0))
  const text = '"string"'
  await store.commit([{ insert: 'schemas', row: { number: schemaNumber(text), type: 'x', text } }])
  await schemas.ask([schemaNumber(text), 5])
  expect([schemas.of(schemaNumber(text)), schemas.of(5)]).toEqual([{ kind: 'string' }, undefined])
  schemas.close()
})

test('a contract whose number belongs to another schema is not written with', async () => {
  await store.commit([{ insert: 'schemas', row: { number: schemaId(today), type: 'x', text: '"string"' } }])
  await expect(keepSchemas(store, [today], new SimulatedClock(0))).rejects.toMatchObject({ code: 'registry.collision' })
})
