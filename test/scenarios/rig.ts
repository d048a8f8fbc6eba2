import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Decimal, eventId, Instant, contract, type HubEvent, type ValueRecord } from '@shuniu/contracts'
import { startSimulator, type RunningSimulator } from '@shuniu/sdk/simulator'
import { findSimulators, startHub, type RunningHub } from '@shuniu/hub'

export const example = fileURLToPath(new URL('../../examples/payment-to-voucher', import.meta.url))

/** Simulators and a hub in one process, each on files and ports of their own. */
export interface Rig {
  readonly dingtalk: RunningSimulator
  readonly kingdee: RunningSimulator
  hub: RunningHub
  /** A new start of the hub on the same data. */
  restart(): Promise<void>
  close(): Promise<void>
}

export async function openRig(more: Readonly<Record<string, string>> = {}): Promise<Rig> {
  const folder = mkdtempSync(join(tmpdir(), 'shuniu-rig-'))
  const simulators = await findSimulators()
  const start = async (name: string): Promise<RunningSimulator> => {
    const definition = simulators.get(name)
    if (!definition) throw new Error(`no simulator ${name}`)
    return startSimulator(definition, { data: join(folder, name) })
  }
  const [dingtalk, kingdee] = [await start('dingtalk'), await start('kingdee')]
  const environment = { DINGTALK_URL: dingtalk.url, KINGDEE_URL: kingdee.url, ...more }
  const hubOptions = { project: example, data: join(folder, 'hub'), port: 0, environment, logLevel: 'silent' as const }
  const rig: Rig = {
    dingtalk,
    kingdee,
    hub: await startHub(hubOptions),
    async restart() {
      await rig.hub.close()
      rig.hub = await startHub(hubOptions)
    },
    async close() {
      await rig.hub.close()
      await Promise.all([dingtalk.close(), kingdee.close()])
      rmSync(folder, { recursive: true, force: true })
    },
  }
  return rig
}

/** An approved payment as an event, for tests that begin behind the ingress. */
export function payment(number: number, overrides: ValueRecord = {}): HubEvent {
  const type = 'approval.payment.approved'
  const time = new Instant(Date.now() - 60_000 + number)
  const data = {
    approvalId: `approval-${number}`,
    revision: new Decimal('1'),
    approvalNo: `2026112200000000${number}`,
    approvedAt: time,
    department: { id: '587120341', name: '市场部' },
    currency: 'CNY',
    amount: new Decimal('150.50'),
    lines: [
      { category: '差旅费', memo: '机票', amount: new Decimal('100.00') },
      { category: '办公费', memo: '纸', amount: new Decimal('50.50') },
    ],
    ...overrides,
  }
  const id = eventId({ time, connection: 'dingtalk-main', type, document: String(data.approvalId), version: 'agree' })
  return {
    id,
    type,
    topic: contract(type).topic,
    key: String(data.approvalId),
    time,
    source: '/connections/dingtalk-main',
    subject: String(data.approvalNo),
    correlation: String(data.approvalId),
    data,
  }
}
