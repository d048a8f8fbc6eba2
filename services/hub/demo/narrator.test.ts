import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { Narrator } from './narrator.ts'

const run = { kind: 'flow', flow: 'payment-to-voucher', state: 'skipped', reason: 'withdrawn' }
const voucher = { kind: 'money', operation: 'voucher.save', state: 'confirmed', lookUps: 0 }

/** What is told about what an API says, the newest first. */
async function told(lists: { readonly runs: readonly object[]; readonly effects: readonly object[] }) {
  const server = createServer(({ url }, answer) => {
    answer.end(JSON.stringify({ items: url?.includes('/effects') ? lists.effects : lists.runs }))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => void server.close())
  const lines: string[] = []
  const { port } = server.address() as AddressInfo
  const watching = { language: 'en', say: (line: string) => void lines.push(line.trim()) } as const
  await new Narrator(() => `http://127.0.0.1:${port}`, watching).stop()
  return lines
}

test('an approval that is withdrawn before its voucher exists has nothing to post', async () => {
  expect(await told({ runs: [{ ...run, id: 1, number: 'P-1' }], effects: [] })).toEqual([
    '– P-1: nothing to post (withdrawn)',
  ])
})

test('one whose voucher exists is told as posted, withdrawn and reversed', async () => {
  const reversal = { ...voucher, operation: 'voucher.reverse', reference: 'SN2', run: 2, number: 'W-9' }
  const effects = [
    { ...reversal, documentNumber: '记-2' },
    { ...voucher, reference: 'SN1', run: 1, number: 'P-1', documentNumber: '记-1', undoneBy: 'SN2' },
  ]
  expect(await told({ runs: [{ ...run, id: 1, number: 'P-1' }], effects })).toEqual([
    '✓ P-1 → 记-1',
    '↩ P-1: 记-1 reversed by 记-2 (withdrawn or changed by W-9)',
    '– P-1: withdrawn after it was posted; what exists is undone',
  ])
})
