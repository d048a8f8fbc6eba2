import { Decimal, HubError, type ValueRecord } from '@shuniu/contracts'
import { mappedForms, scopeOf, type ConnectionPlan } from './mapping.ts'

export interface Sample {
  readonly documents: readonly ValueRecord[]
  readonly events: readonly { readonly type: string; readonly data: ValueRecord }[]
}

/**
 * The newest documents of a form (of the first mapped one when none is named), read from the system itself, and the
 * events they would become. Makes no receipt. Throws `CallFailure`, `expression.*`, `ingress.no-form`.
 */
export async function sample(plan: ConnectionPlan, ask: { form?: string; last: number }): Promise<Sample> {
  const wanted = mappedForms(plan).find(({ form }) => ask.form === undefined || form === ask.form)
  const source = wanted && plan.connection.definition.sources[wanted.source]
  if (!wanted || !source) throw new HubError('ingress.no-form', { form: ask.form ?? '', connection: plan.name })
  const documents: ValueRecord[] = []
  const events: Sample['events'][number][] = []
  for (const handed of await source.sample(plan.connection.link, wanted.form, ask.last)) {
    const reading = await source.read(plan.connection.link, handed, plan.forms)
    if (reading.is !== 'document') continue
    const scope = scopeOf(reading.document, new Decimal(String(1 + reading.document.agreedChanges)))
    documents.push(scope.document)
    for (const mapping of plan.mappings) {
      if (mapping.form !== wanted.form || !(await mapping.wants(scope))) continue
      events.push({ type: mapping.contract.type, data: await mapping.data(scope) })
    }
  }
  return { documents, events }
}
