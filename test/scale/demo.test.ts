import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { missing, withoutBroker } from '@shuniu/infra/kafka/fixtures'
import { onPostgres } from '@shuniu/infra/postgres/fixtures'
import { describe, expect, test } from 'vitest'
import { root } from '../processes/root.ts'
import { sumOf } from './demo/members.ts'

const { isMissing, suite } = onPostgres(`npm run demo:scale${withoutBroker}`)

describe.skipIf(isMissing || missing !== '')(suite, () => {
  test('plays the day in five processes, one killed with calls open, and proves it', { timeout: 400_000 }, async () => {
    const args = [join(root, 'scripts/demo-scale.mjs'), '--once', '--json']
    // It ends with 0 only if every survivor worked and open calls were taken over.
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root })
    const proof: unknown = JSON.parse(stdout)
    expect(proof).toMatchObject({ approvals: 40, explained: 40, doubled: 0, lost: 0, findings: [] })
    expect(proof).toMatchObject({ processes: Array.from({ length: 5 }, () => ({ pid: expect.any(Number) })) })
  })
})

test('figures of one kind are added up, whatever other labels they have', () => {
  const metrics = [
    'shuniu_receipts_total{state="received"} 3',
    'shuniu_receipts_total{state="published"} 2',
    'shuniu_receipts_total_other{state="received"} 100',
    '# HELP shuniu_receipts_total x',
  ].join('\n')
  expect([sumOf(metrics, 'shuniu_receipts_total', 'received'), sumOf(metrics, 'shuniu_receipts_total', '')]).toEqual([
    3, 5,
  ])
})
