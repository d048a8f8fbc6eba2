/** What the hub may be doing when it is killed. */
export const phases = ['receive', 'normalise', 'sending', 'in doubt', 'undo'] as const
export type Phase = (typeof phases)[number]

/** How many kills have to hit each phase, and how many freezes a send, of 300 kills. */
const quotasOf300 = { receive: 10, normalise: 10, sending: 30, 'in doubt': 30, undo: 10 } as const
export const freezesOf300 = 30

export const scaled = (of300: number, kills: number): number => Math.ceil((of300 * kills) / 300)

/** Counts kills by phase, each kill once: for the phase that needs it most. */
export class Tally {
  readonly counts: Record<Phase | 'between', number> = {
    receive: 0,
    normalise: 0,
    sending: 0,
    'in doubt': 0,
    undo: 0,
    between: 0,
  }

  constructor(private readonly kills: number) {}

  quota(phase: Phase): number {
    return scaled(quotasOf300[phase], this.kills)
  }

  /** Phases that have not been hit often enough, the furthest behind first. */
  short(among: readonly Phase[] = phases): readonly Phase[] {
    return among.filter((phase) => this.share(phase) < 1).toSorted((a, b) => this.share(a) - this.share(b))
  }

  /** Counts one kill that hit all these phases; says for which it counts. */
  count(hit: readonly Phase[]): Phase | 'between' {
    const counted = hit.toSorted((a, b) => this.share(a) - this.share(b))[0] ?? 'between'
    this.counts[counted]++
    return counted
  }

  private share(phase: Phase): number {
    return this.counts[phase] / this.quota(phase)
  }
}
