import { Interrupt } from './standing.ts'

/** Runs in hand at one connection: far more than have a place there, far fewer than may be in hand in all. */
const mostInside = 1_024

interface Door {
  /** Runs busy with the connection, or called in and on their way. */
  readonly inside: Set<number>
  /** Runs that found no room, in the order in which they came. */
  readonly outside: Set<number>
}

export interface DoorsGround {
  /** Waits without holding up runs of others. */
  readonly aside: <T>(wait: () => Promise<T>) => Promise<T>
  /** Executes a waiting run again; false when it does not wait any more. */
  readonly wake: (run: number) => boolean
}

/**
 * The ways of runs to the connections. A run that is busy with one leaves its place to others. Very many before one slow
 * system must not use up what may be in hand: those that find no room stand `waiting`, out of hand, and are called in
 * their order as others leave.
 */
export class Doors {
  private readonly doors = new Map<string, Door>()

  constructor(
    private readonly ground: DoorsGround,
    private readonly most = mostInside,
  ) {}

  /**
   * Does what may take as long as a connection likes. Whoever is inside stays so until it leaves: a run called in for a
   * look-up must not find its room taken when it comes to send.
   */
  pass<T>(connection: string, run: number, work: () => Promise<T>): Promise<T> {
    const { inside } = this.doorOf(connection)
    if (!inside.has(run) && inside.size >= this.most) return Promise.reject(noRoom(connection))
    inside.add(run)
    return this.ground.aside(work)
  }

  leave(connection: string, run: number): void {
    const door = this.doorOf(connection)
    if (door.inside.delete(run)) this.callIn(door)
  }

  /** An attempt has ended: the run is inside nowhere, whatever it was called in for. */
  leaveAll(run: number): void {
    for (const connection of this.doors.keys()) this.leave(connection, run)
  }

  /** The run stands `waiting` for room. */
  queue(connection: string, run: number): void {
    const door = this.doorOf(connection)
    door.outside.add(run)
    this.callIn(door)
  }

  private callIn({ inside, outside }: Door): void {
    for (const run of outside) {
      if (inside.size >= this.most) return
      outside.delete(run)
      inside.add(run)
      if (!this.ground.wake(run)) inside.delete(run)
    }
  }

  private doorOf(connection: string): Door {
    const known = this.doors.get(connection)
    if (known) return known
    const door = { inside: new Set<number>(), outside: new Set<number>() }
    this.doors.set(connection, door)
    return door
  }
}

function noRoom(connection: string): Interrupt {
  return new Interrupt({ is: 'waiting', because: 'connection busy', door: connection, attempt: false })
}
