/** Stands in a label for everything that has no series of its own. */
export const other = '_other'

/** A metric with its labels open: `of` gives the child of these label values, in the order of the table. Keep it, it is cheap. */
export interface Family<C, Labels extends readonly string[]> {
  of(...values: { [Index in keyof Labels]: string }): C
  /** Forgets all children; a gauge that is set anew at each scrape begins so. */
  clear(): void
}

/** More children than any project has; what comes after counts as `_other`. */
const MOST_CHILDREN = 5_000

/** What keeps the number of series bounded. */
export interface Bounds {
  readonly labels: readonly string[]
  /** Who may stand in the label `connection`. */
  readonly names: Names
  /** Series that may still begin, of all families together. */
  readonly budget: { left: number }
  /** Series of one child: a histogram has one for each bucket. */
  readonly cost: number
}

export class Children<C> implements Family<C, readonly string[]> {
  private readonly children = new Map<string, C>()
  private readonly connectionAt: number
  private readonly others: readonly string[]

  constructor(
    private readonly bounds: Bounds,
    private readonly make: (values: string[]) => C,
    private readonly cleared: () => void = () => undefined,
  ) {
    this.connectionAt = bounds.labels.indexOf('connection')
    this.others = bounds.labels.map(() => other)
  }

  of(...values: readonly string[]): C {
    return this.children.get(keyOf(values)) ?? this.add([...values])
  }

  all(): Iterable<C> {
    return this.children.values()
  }

  clear(): void {
    this.bounds.budget.left += this.children.size * this.bounds.cost
    this.children.clear()
    this.cleared()
  }

  private add(values: string[]): C {
    const { budget, cost, names } = this.bounds
    const connection = values[this.connectionAt]
    if (connection !== undefined && !names.has(connection)) return this.of(...values.with(this.connectionAt, other))
    const isFull = this.children.size >= MOST_CHILDREN || budget.left < cost
    if (isFull && values.some((value) => value !== other)) return this.of(...this.others)
    budget.left -= cost
    const child = this.make(values)
    this.children.set(keyOf(values), child)
    return child
  }
}

function keyOf(values: readonly string[]): string {
  return values.length === 1 ? (values[0] ?? '') : values.join('\u0000')
}

/** The names that may stand in a label: so many, first come, first served, for the life of the process. */
export class Names {
  private readonly names = new Set([other])

  constructor(private readonly most: number) {}

  /** Asking for a name takes it, while there is room. */
  has(name: string): boolean {
    if (this.names.size <= this.most) this.names.add(name)
    return this.names.has(name)
  }

  take(names: Iterable<string>): void {
    for (const name of names) this.has(name)
  }
}
