import { hashOf, readSnapshot } from '@shuniu/infra/config'
import { startReopening } from '@shuniu/hub'
import { expect, test, vi, type TestContext } from 'vitest'
import { join } from 'node:path'
import { api } from './api.ts'
import { append, fault } from './append.ts'
import { payment } from './events.ts'
import { openSystems, type Rig, type Systems } from './rig.ts'
import { patience, runs, summaries, vouchers } from './seen.ts'

vi.setConfig({ testTimeout: 60_000 })

const flowFile = 'flows/payment-to-voucher.yaml'

interface Shown {
  readonly number: number
  readonly running: number
}

/** A hub that can be opened anew, on systems of its own. */
async function open({ onTestFinished }: TestContext): Promise<Systems & Pick<Rig, 'hub'>> {
  const systems = await openSystems()
  const { project, environment, folder } = systems
  const options = { project: project.dir, data: join(folder, 'hub'), port: 0, environment, logLevel: 'silent' } as const
  const hub = await startReopening(options)
  onTestFinished(async () => {
    await hub.close()
    await systems.close()
  })
  return { ...systems, hub }
}

const meant = async ({ project }: Systems): Promise<{ hash: string; reason: string }> => ({
  hash: hashOf(await readSnapshot(project.dir)),
  reason: 'as reviewed',
})

test.concurrent('files taken into use under load: what is under way ends as it began, what comes after follows the new files', async (context) => {
  const rig = await open(context)
  await fault(rig.kingdee.url, { on: 'voucher.save', fault: 'slow', times: 4, ms: 1_500 })
  await append(rig, ...[1, 2, 3, 4].map((one) => payment(one)))
  await context.expect.poll(() => runs(rig), patience).toHaveLength(4)
  rig.project.replace(
    flowFile,
    'summary: 付款 ${event.approvalNo} ${line.memo}',
    'summary: 支付 ${event.approvalNo} ${line.memo}',
  )
  const { number } = await api<Shown>(rig, 'project/apply', await meant(rig))
  const running = async (): Promise<number> => (await api<Shown>(rig, 'project').catch(() => ({ running: 0 }))).running
  await context.expect.poll(running, patience).toBe(number)
  await append(rig, payment(5))
  await context.expect.poll(() => runs(rig), patience).toEqual(Array.from({ length: 5 }, () => 'flow done'))
  const first = vouchers(rig).map((voucher) => summaries(voucher)[0]?.slice(0, 2))
  expect(first.toSorted()).toEqual(['付款', '付款', '付款', '付款', '支付'])
})

test.concurrent('files with an error, or other files than were meant, change nothing', async (context) => {
  const rig = await open(context)
  const before = await api<Shown>(rig, 'project')
  await expect(api(rig, 'project/apply', { hash: '0'.repeat(64), reason: 'x' })).rejects.toThrow('project.other-files')
  rig.project.replace(flowFile, 'event.approvalNo', 'event.aprovalNo')
  await expect(api(rig, 'project/apply', await meant(rig))).rejects.toThrow('project.invalid')
  expect(await api<Shown>(rig, 'project')).toEqual(before)
})

test.concurrent('a row of a table raises the number without a pause', async (context) => {
  const rig = await open(context)
  const before = await api<Shown>(rig, 'project')
  const { parts } = rig.hub
  await api(rig, 'tables/expense-account/set', { keys: ['新类别'], values: { account: '6602.09' } })
  await context.expect.poll(async () => (await api<Shown>(rig, 'project')).running, patience).toBe(before.number + 1)
  expect(rig.hub.parts).toBe(parts)
})
