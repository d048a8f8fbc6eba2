import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { contract, parseContractText } from '@shuniu/contracts'
import { openEmbedded } from '@shuniu/infra/embedded'
import { openEmbeddedStore } from '@shuniu/infra/store'
import { expect, test } from 'vitest'
import { keepSchemas, schemaId } from './schemas.ts'

test('the schema an event was written with is known after its contract has changed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'shuniu-schemas-'))
  const embedded = await openEmbedded({ folder })
  const store = openEmbeddedStore(embedded)
  const today = contract('finance.voucher.created')
  await keepSchemas(store, [today])
  const changed = parseContractText(today.text.replace('"doc":"', '"doc":"Changed. ')).contract
  if (!changed) throw new Error('the changed contract is no contract')
  const schemaOf = await keepSchemas(store, [changed])
  expect(schemaId(changed)).not.toBe(schemaId(today))
  expect([schemaOf(schemaId(today)), schemaOf(schemaId(changed)), schemaOf(1)]).toEqual([
    expect.objectContaining({ kind: 'record' }),
    expect.objectContaining({ kind: 'record' }),
    undefined,
  ])
  await embedded.close()
  rmSync(folder, { recursive: true })
})
