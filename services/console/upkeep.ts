import { HubError } from '@shuniu/contracts'
import { commitAudited } from '@shuniu/infra/store'
import { z } from 'zod'
import { actor, reason, text } from './input.ts'
import type { ConsolePorts } from './ports.ts'

export const backupBody = z.strictObject({ file: text('Path of the copy on the machine of the hub', 1_000), actor })
export const backedUp = z.object({ file: z.string(), bytes: z.int() })
export const closeResyncBody = z.strictObject({ reason, actor })
export const resyncClosed = z.object({ resync: z.boolean() })

/** A consistent copy while the hub runs. A start on it is in resync mode. */
export async function backUp(
  ports: Pick<ConsolePorts, 'backup' | 'store' | 'clock'>,
  { file, actor: who }: z.output<typeof backupBody>,
): Promise<z.output<typeof backedUp>> {
  const { bytes } = await ports.backup(file)
  const line = { actor: who, action: 'backup', target: file, reason: '', detail: `${bytes} bytes` }
  await commitAudited(ports, line)
  return { file, bytes }
}

/** A person has seen that the restored ledger and the targets agree. */
export async function closeResync(
  ports: Pick<ConsolePorts, 'closeResync' | 'status'>,
  decision: z.output<typeof closeResyncBody>,
): Promise<z.output<typeof resyncClosed>> {
  if (!(await ports.status()).resync) throw new HubError('api.not-in-resync')
  await ports.closeResync(decision)
  return { resync: (await ports.status()).resync }
}
