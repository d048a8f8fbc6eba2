/** One line of the result. A figure without a bare side has `bare` and `ratio` null. */
export interface Figure {
  readonly name: string
  readonly unit: string
  readonly ours: number
  readonly bare: number | null
  readonly ratio: number | null
  readonly target: string
  readonly ok: boolean
  /** Least, median and greatest of the rounds. */
  readonly rounds: { readonly ours: Spread; readonly bare: Spread | null }
}

export type Spread = readonly [least: number, median: number, greatest: number]

export function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b)
  return [sorted[0] ?? 0, sorted[sorted.length >> 1] ?? 0, sorted.at(-1) ?? 0]
}

/** The value below which so many of 1 lie. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? 0
}

/** What a figure has to be: a ratio to the bare program (the median of the rounds' own ratios), or a number of ours. */
export type Target = { readonly ratioAtLeast: number } | { readonly ratioAtMost: number } | { readonly atMost: number }

export function figure(
  name: string,
  unit: string,
  target: Target,
  ours: readonly number[],
  bare?: readonly number[],
): Figure {
  const ratios = bare?.map((value, at) => (ours[at] ?? 0) / value)
  const ratio = ratios ? spread(ratios)[1] : null
  const rounds = { ours: spread(ours), bare: bare ? spread(bare) : null }
  const measured = { name, unit, ours: rounds.ours[1], bare: rounds.bare?.[1] ?? null, ratio, rounds }
  return { ...measured, target: wordsOf(target), ok: isMet(target, rounds.ours[2], ratio ?? 0) }
}

/** Ratios are judged by their median, limits by the worst round. */
function isMet(target: Target, worst: number, ratio: number): boolean {
  if ('ratioAtLeast' in target) return ratio >= target.ratioAtLeast
  if ('ratioAtMost' in target) return ratio <= target.ratioAtMost
  return worst <= target.atMost
}

function wordsOf(target: Target): string {
  if ('ratioAtLeast' in target) return `≥ ${target.ratioAtLeast}×`
  return 'ratioAtMost' in target ? `≤ ${target.ratioAtMost}×` : `≤ ${target.atMost}`
}

export function tableOf(figures: readonly Figure[]): string {
  const head = ['', 'figure', 'ours (min · median · max)', 'bare', 'ratio', 'target', 'unit']
  const rows = figures.map(({ ok, name, unit, ratio, target, rounds }) => [
    ok ? '✓' : '✗',
    name,
    rounds.ours.map(short).join(' · '),
    rounds.bare?.map(short).join(' · ') ?? '',
    ratio === null ? '' : ratio.toFixed(2),
    target,
    unit,
  ])
  const widths = head.map((title, at) => Math.max(...[head, ...rows].map((row) => (row[at] ?? title).length)))
  return [head, ...rows]
    .map((row) =>
      row
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

function short(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)
}
