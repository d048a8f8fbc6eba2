import { HubError } from '@shuniu/contracts'
import type { Role } from '@shuniu/infra/config'
import { openEmbeddedGround, openScaleGround, type Ground } from '@shuniu/infra/ground'
import type { OperatorLog } from '@shuniu/infra/telemetry'
import { sleep, type Clock } from '@shuniu/infra/time'
import { intakeReader } from '@shuniu/orchestrator'
import { neededTopics } from './needed-topics.ts'
import type { OpenProject } from './project.ts'
import { openWaitingRoom, type WaitingRoom } from './waiting-room.ts'

export interface GroundOptions {
  /** Folder of the embedded data. */
  readonly data: string
  readonly resync?: boolean
  readonly role?: Role
  readonly host?: string
  readonly port: number
  /** The door does TLS: nobody could be told anything on it before. */
  readonly tls?: unknown
  /** Told what is waited for, at every attempt. */
  readonly waits?: (error: HubError) => void
}

interface Around {
  readonly clock: Clock
  readonly report: OperatorLog
  readonly lost: (error: unknown) => void
}

/** Pauses between two attempts to open, ms. */
const pauses = [500, 1_000, 2_000, 5_000] as const

/**
 * Opens what `hub.yaml` says the hub stands on. A database or a cluster that is away, tables of another release and missing
 * topics are waited for: the hub is not ready, says why, and goes on by itself.
 */
export async function openGround(options: GroundOptions, open: OpenProject, around: Around): Promise<Ground> {
  const { store: postgres, log } = open.project.hub
  const { clock, report, lost } = around
  const resync = options.resync === true
  if (postgres === 'embedded' || log === 'embedded') {
    mustDoAll(options)
    return openEmbeddedGround({ folder: options.data, clock, resync, lost })
  }
  const told = (message: string, detail: unknown): void =>
    report.warn('hub.ground', { message, detail: wordsOf(detail) })
  const ground = {
    postgres,
    kafka: log,
    topics: neededTopics(open),
    reader: intakeReader,
    resync,
    works: options.role !== 'ingress',
    clock,
    lost,
    report: told,
  }
  return patiently(() => openScaleGround(ground), options, around)
}

/** A folder belongs to one process: there is nobody to do the rest. */
function mustDoAll({ role = 'all' }: GroundOptions): void {
  if (role !== 'all') throw new HubError('option.role-alone', { role })
}

/** Opens what others have to bring about first, and says meanwhile what is waited for. */
export async function patiently<T>(
  opening: () => Promise<T>,
  options: GroundOptions,
  around: Pick<Around, 'clock' | 'report'>,
): Promise<T> {
  let room: WaitingRoom | undefined
  try {
    for (let attempt = 0; ; attempt++) {
      try {
        return await opening()
      } catch (error) {
        if (!passes(error)) throw error
        around.report.warn('hub.waits', { code: error.code, message: error.message })
        options.waits?.(error)
        if (options.tls === undefined) room ??= await openWaitingRoom(options.host ?? '127.0.0.1', options.port)
        room?.because(error)
        await sleep(around.clock, pauses[Math.min(attempt, pauses.length - 1)] ?? 0)
      }
    }
  } finally {
    await room?.close()
  }
}

/** Whether somebody else can bring it about that the next attempt does better. A server that could lose data is refused. */
function passes(error: unknown): error is HubError {
  if (!(error instanceof HubError) || error.code === 'store.setting') return false
  return /^(?:store|log)\./.test(error.code) || error.code === 'project.not-applied'
}

function wordsOf(detail: unknown): string {
  return detail instanceof Error ? detail.message : JSON.stringify(detail)
}
