import { HubError } from '@shuniu/contracts'
import { startHub, type HubOptions, type RunningHub } from './hub.ts'

/**
 * A hub that is opened anew, on the same port, when another project becomes active: what is under way comes to an end first,
 * and what is on disk goes on. When it cannot be opened again, `lost` is told.
 */
export async function startReopening(options: HubOptions): Promise<RunningHub> {
  let current: RunningHub | undefined
  let closing = false
  let turn: Promise<void> = Promise.resolve()
  const reopen = (): void => {
    turn = turn.then(openAnew).catch((error: unknown) => options.lost?.(error))
  }
  // A folder is another hub's now; a store that several share was exchanged under us, and is come to anew.
  const lost = (error: unknown): void => {
    if (current?.parts.ground.topics === undefined) options.lost?.(error)
    else reopen()
  }
  const openAnew = async (): Promise<void> => {
    if (closing) return
    const port = Number(new URL(nowOf(current).url).port)
    await current?.close()
    current = undefined
    current = await startHub({ ...options, port, resync: false, follow: true, reopen, lost })
  }
  current = await startHub({ ...options, reopen, lost })
  const { url } = current
  return {
    url,
    get parts() {
      return nowOf(current).parts
    },
    async close() {
      closing = true
      await turn
      await current?.close()
    },
  }
}

function nowOf(hub: RunningHub | undefined): RunningHub {
  if (!hub) throw new HubError('api.not-ready')
  return hub
}
