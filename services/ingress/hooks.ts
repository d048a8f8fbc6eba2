import { HubError } from '@shuniu/contracts'
import type { Clock, Random } from '@shuniu/infra/time'
import type { Handed, HookAnswer, HookRequest, HookVerdict, Log } from '@shuniu/sdk'
import { messageOf } from './detail.ts'
import type { DeclaredConnection } from './ground.ts'
import { Peers } from './peers.ts'
import { SparingLog } from './sparing-log.ts'

/** Largest body that a vendor may post, in bytes. */
export const largestBody = 1024 * 1024

/** What came to `/hooks/<connection>/<hook>`, with its bytes as they came. */
export interface IncomingHook extends HookRequest {
  readonly connection: string
  readonly hook: string
}

export interface HooksGround {
  readonly clock: Clock
  readonly random: Random
  readonly report: Log
  readonly connections: readonly DeclaredConnection[]
  /** Resolves when it is durable; `connection` is its first name. */
  readonly receive: (connection: string, handed: readonly Handed[]) => Promise<void>
  /** Told of each answer, ms after its push. */
  readonly answered?: (connection: string, ms: number) => void
}

interface OpenHook {
  /** The connection's first name. */
  readonly owner: string
  /** Its name of today. */
  readonly name: string
  verdict(request: HookRequest): HookVerdict
}

/**
 * The addresses vendors post to. An answer says nothing but its status and what the vendor's protocol asks for; reasons go
 * to the log. An acknowledgement leaves only after the receipt is durable.
 */
export class Hooks {
  /** Those who post to them. */
  readonly peers: Peers
  private readonly open: ReadonlyMap<string, OpenHook>
  private readonly log: SparingLog

  constructor(private readonly ground: HooksGround) {
    this.log = new SparingLog(ground.report, ground.clock)
    this.peers = new Peers(ground.clock, this.log)
    this.open = new Map(ground.connections.flatMap((one) => openHooks(one, ground)))
  }

  async answer(request: IncomingHook): Promise<HookAnswer> {
    const hook = this.open.get(addressOf(request.connection, request.hook))
    if (!hook) return empty(404)
    const { clock, answered } = this.ground
    const began = clock.uptime()
    const answer = await this.answerOf(hook, request)
    answered?.(hook.name, clock.uptime() - began)
    return answer
  }

  private async answerOf(hook: OpenHook, request: IncomingHook): Promise<HookAnswer> {
    if (request.body.byteLength > largestBody) return empty(413)
    if (isCompressed(request)) return empty(415)
    try {
      return await this.take(hook, request)
    } catch (error) {
      return this.trouble(request, error)
    }
  }

  private async take(hook: OpenHook, request: IncomingHook): Promise<HookAnswer> {
    const verdict = hook.verdict(request)
    if (verdict.is === 'refused') {
      const { connection, hook: name } = request
      this.log.warn('ingress.refused', { connection, hook: name, because: verdict.because })
      return empty(verdict.status)
    }
    await this.ground.receive(hook.owner, verdict.handed)
    return verdict.answer()
  }

  /** Nothing was taken: the sender tries again. */
  private trouble({ connection, hook }: IncomingHook, error: unknown): HookAnswer {
    if (error instanceof HubError && error.status === 503) {
      this.log.warn(error.code, { connection, hook })
      return { ...empty(503), headers: { 'retry-after': String(error.parameters['seconds'] ?? 5) } }
    }
    this.ground.report.error('ingress.not-taken', { connection, hook, error: messageOf(error) })
    return empty(500)
  }
}

/** A renamed connection still answers under the name that the vendor's console knows. */
function openHooks(
  { connection, declared }: DeclaredConnection,
  { clock, random }: HooksGround,
): (readonly [string, OpenHook])[] {
  const owner = declared.formerly ?? connection.name
  const names = new Set([connection.name, owner])
  return Object.entries(connection.definition.hooks).flatMap(([hook, { open }]) => {
    const verdict = open(connection.settings, { clock, random, connection: connection.name })
    return verdict
      ? [...names].map((name) => [addressOf(name, hook), { owner, name: connection.name, verdict }] as const)
      : []
  })
}

const addressOf = (connection: string, hook: string): string => `${connection}/${hook}`

function empty(status: number): HookAnswer {
  return { status, headers: {}, body: '' }
}

function isCompressed({ headers }: HookRequest): boolean {
  const encoding = headers['content-encoding'] ?? 'identity'
  return String(encoding).toLowerCase() !== 'identity'
}
