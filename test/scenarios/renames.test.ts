import { expect, test, vi } from 'vitest'
import { append, fault } from './append.ts'
import { payment, withdrawal } from './events.ts'
import { rigFor, startOn, type ProjectCopy, type Rig } from './rig.ts'
import { effects, live, patience, runs, vouchers } from './seen.ts'

vi.setConfig({ testTimeout: 60_000 })

/** Renames the flow, or a connection with everything that calls it. */
function renameFlow(project: ProjectCopy, more: string): void {
  const text = project.read('flows/payment-to-voucher.yaml').replace('flow: payment-to-voucher', 'flow: pay')
  project.write('flows/pay.yaml', `${text}${more}\n`)
  project.remove('flows/payment-to-voucher.yaml')
}

function renameKingdee(project: ProjectCopy, more: string): void {
  const text = project.read('connections/kingdee-main.yaml').replace('connection: kingdee-main', 'connection: ledger')
  project.write('connections/ledger.yaml', `${text}${more}\n`)
  project.remove('connections/kingdee-main.yaml')
  const flow = project.read('flows/payment-to-voucher.yaml')
  project.write('flows/payment-to-voucher.yaml', flow.replaceAll('kingdee-main', 'ledger'))
}

async function posted(context: Parameters<typeof rigFor>[0]): Promise<Rig> {
  const rig = await rigFor(context)
  await append(rig, payment(1))
  await expect.poll(() => runs(rig), patience).toEqual(['flow done'])
  return rig
}

test.concurrent('a renamed flow is refused until it says what it was; then its references are the same', async (context) => {
  const rig = await posted(context)
  await fault(rig.kingdee.url, { on: 'voucher.save', fault: 'execute-then-timeout' })
  await fault(rig.kingdee.url, { on: 'voucher.find', fault: 'html-502' })
  await append(rig, payment(2))
  await context.expect.poll(() => effects(rig), patience).toEqual(['confirmed', 'in doubt'])
  await rig.hub.close()
  renameFlow(rig.project, '')
  await expect(startOn(rig)).rejects.toMatchObject({
    code: 'project.invalid',
    cause: { errors: [{ code: 'project.renamed-flow', place: { file: 'flows/pay.yaml' } }] },
  })
  rig.project.replace('flows/pay.yaml', 'flow: pay', 'flow: pay\nformerly: payment-to-voucher')
  await rig.restart()
  await context.expect.poll(() => runs(rig), patience).toEqual(['flow done', 'flow done'])
  // The same fact in an event of its own: the renamed flow knows that it was there.
  await append(rig, { ...payment(1), id: payment(3).id })
  await append(rig, withdrawal(1))
  await context.expect
    .poll(() => runs(rig), patience)
    .toEqual(['flow done', 'flow done', 'flow skipped duplicate', 'undo done'])
  expect(live(rig)).toHaveLength(3)
})

test.concurrent('`new: true` makes it another flow, which gets only what comes from now on', async (context) => {
  const rig = await posted(context)
  renameFlow(rig.project, 'new: true')
  await rig.restart()
  await append(rig, payment(2))
  await context.expect.poll(() => runs(rig), patience).toEqual(['flow done', 'flow done'])
  expect(vouchers(rig)).toHaveLength(2)
  const flows = (await rig.hub.parts.store.select('runs', {})).map(({ flow }) => flow)
  expect(flows.filter((flow) => flow !== '')).toEqual(['payment-to-voucher', 'pay'])
})

test.concurrent('a renamed connection is refused until it says what it was; then older documents can be undone', async (context) => {
  const rig = await posted(context)
  await rig.hub.close()
  renameKingdee(rig.project, '')
  await expect(startOn(rig)).rejects.toMatchObject({
    cause: { errors: [{ code: 'project.renamed-connection', place: { file: 'connections/ledger.yaml' } }] },
  })
  rig.project.replace('connections/ledger.yaml', 'connection: ledger', 'connection: ledger\nformerly: kingdee-main')
  await rig.restart()
  await append(rig, withdrawal(1), payment(2))
  await context.expect.poll(() => runs(rig), patience).toEqual(['flow done', 'undo done', 'flow done'])
  expect(live(rig)).toHaveLength(3)
})
