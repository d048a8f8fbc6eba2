import { HubError } from '@shuniu/contracts'
import type { Clock } from '@shuniu/infra/time'
import type { Handed } from '@shuniu/sdk'
import type { ConnectionPlan } from './mapping.ts'
import { roundsOf, spanOf, type Round, type Span } from './sweep-plan.ts'

/** One page of a span. Throws `CallFailure`, and `ingress.same-page` when the list does not go on. */
export async function pageOf(
  { connection }: ConnectionPlan,
  { sweep, form, source }: Round,
  span: Span,
  next: string | undefined,
): Promise<{ handed: readonly Handed[]; next?: string }> {
  if (span.from >= span.to) return { handed: [] }
  const page = await sweep.page(connection.link, { ...span, form, ...(next === undefined ? {} : { next }) })
  if (page.next === undefined || page.next !== next) return page
  throw new HubError('ingress.same-page', { connection: connection.name, source, form })
}

/** How many documents the first sweep of a connection would bring in, by form. Makes no receipt. */
export async function countFirstSweep(
  plan: ConnectionPlan,
  clock: Pick<Clock, 'now'>,
): Promise<{ readonly source: string; readonly form: string; readonly documents: number }[]> {
  const counted = []
  for (const round of roundsOf(plan).filter(({ rank }) => rank === 0)) {
    const span = spanOf(round, plan.from?.ms ?? clock.now(), undefined, clock.now())
    let documents = 0
    let next: string | undefined
    do {
      const page = await pageOf(plan, round, span, next)
      documents += page.handed.length
      next = page.next
    } while (next !== undefined)
    counted.push({ source: round.source, form: round.form, documents })
  }
  return counted
}
