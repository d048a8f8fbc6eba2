import { Day, Decimal, Duration, Instant, type FieldType, type ParkReason, type Text, type Value, type ValueRecord } from '@shuniu/contracts'
import { typeOfSchema, type ConnectorDefinition } from '@shuniu/sdk'
import type { FlowPlan, Learned, RunContext, Scope } from './flow/plan.ts'
import type { CallRequest } from './ledger/ground.ts'
import type { EntryKind } from './run/journal.ts'
import { Interrupt } from './run/standing.ts'

/** What a flow would do with an event, computed by the same steps and look-ups, without doing any of it. */
export interface DryRun {
  readonly calls: readonly DryCall[]
  readonly emits: readonly { readonly type: string; readonly data: ValueRecord }[]
  readonly park?: { readonly reason: ParkReason; readonly message: Text; readonly step?: string }
  readonly explain?: readonly DryField[]
}

export interface DryCall {
  readonly step: string
  readonly connection: string
  readonly operation: string
  readonly input: ValueRecord
}

/** Where one field of a call comes from. */
export interface DryField {
  /** `voucher.entries[0].account` */
  readonly path: string
  readonly value: Value
  /** The expression as it is written; empty for a constant. */
  readonly source: string
  /** Look-ups made on the way, as `table("department", …) = D01`. */
  readonly lookups: readonly string[]
}

/** Runs a plan dry. `connectors` = the connector behind each connection: outputs are made up by their declarations. */
export async function dryRun(
  plan: FlowPlan,
  data: ValueRecord,
  connectors: ReadonlyMap<string, ConnectorDefinition>,
  explain: boolean,
): Promise<DryRun> {
  const context = new DryContext(connectors)
  const scope: Scope = { event: data }
  const fields: DryField[] = []
  try {
    for (const step of plan.steps) {
      if (explain && step.explain) fields.push(...(await step.explain(scope, context)))
      await step.run(scope, context)
    }
  } catch (error) {
    if (!(error instanceof Interrupt) || error.standing.is !== 'parked') throw error
    const { reason, detail } = error.standing
    const park = { reason, message: detail.message, ...(detail.step === undefined ? {} : { step: detail.step }) }
    return { ...context.done(), park, ...(explain ? { explain: fields } : {}) }
  }
  return { ...context.done(), ...(explain ? { explain: fields } : {}) }
}

class DryContext implements RunContext {
  path = ''
  keys: readonly string[] = []
  private readonly calls: DryCall[] = []
  private readonly emits: { type: string; data: ValueRecord }[] = []

  constructor(private readonly connectors: ReadonlyMap<string, ConnectorDefinition>) {}

  async learn(_kind: EntryKind, _asked: Value, learn: () => Promise<Learned>): Promise<Value> {
    return (await learn()).answer
  }

  async call({ path, connection, operation, input }: CallRequest): Promise<ValueRecord> {
    this.calls.push({ step: path, connection, operation, input })
    const declared = this.connectors.get(connection)?.operations[operation]
    const output = declared ? madeUp(typeOfSchema(declared.output), input) : {}
    return { ...(output as ValueRecord), reference: '(dry-run)' }
  }

  emit(_path: string, type: string, data: ValueRecord): void {
    this.emits.push({ type, data })
  }

  done(): Pick<DryRun, 'calls' | 'emits'> {
    return { calls: this.calls, emits: this.emits }
  }
}

/** A value of a type, for the steps behind a call that was not made; what the input says under the same name is taken. */
function madeUp(type: FieldType, input: ValueRecord = {}): Value {
  switch (type.kind) {
    case 'record':
      return Object.fromEntries(
        Object.entries(type.fields).map(([name, field]) => [name, sameKind(input[name], field.type) ?? madeUp(field.type)]),
      )
    case 'list':
      return []
    case 'map':
      return {}
    case 'nullable':
      return null
    case 'decimal':
    case 'integer':
      return new Decimal('0')
    case 'boolean':
      return false
    case 'date':
      return Day.ofEpochDay(0)
    case 'instant':
      return new Instant(0)
    case 'duration':
      return new Duration(0)
    default:
      return '(dry-run)'
  }
}

function sameKind(value: Value | undefined, { kind }: FieldType): Value | undefined {
  const fits = (kind === 'date' && value instanceof Day) || (kind === 'string' && typeof value === 'string')
  return fits ? value : undefined
}
