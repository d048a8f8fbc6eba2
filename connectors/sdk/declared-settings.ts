import { isRecord } from '@shuniu/contracts'
import { z } from 'zod'
import type { ConnectorDefinition } from './connector.ts'

/** One setting, also inside another, as its schema declares it. */
export interface DeclaredSetting {
  /** `callback.token` */
  readonly name: string
  readonly description: string | undefined
  readonly examples: readonly unknown[]
  readonly isSecret: boolean
}

/** All settings of a connector. */
export function declaredSettings<Settings, Link>({ settings }: ConnectorDefinition<Settings, Link>): DeclaredSetting[] {
  return below(z.toJSONSchema(settings, { io: 'input', unrepresentable: 'any' }), '')
}

function below(schema: object, prefix: string): DeclaredSetting[] {
  const { properties }: { properties?: unknown } = schema
  if (!isRecord(properties)) return []
  return Object.entries(properties).flatMap(([name, value]) => {
    const member: { description?: unknown; examples?: unknown; writeOnly?: unknown } = isRecord(value) ? value : {}
    const { description, examples, writeOnly } = member
    const setting = {
      name: prefix + name,
      description: typeof description === 'string' ? description : undefined,
      examples: Array.isArray(examples) ? examples : [],
      isSecret: writeOnly === true,
    }
    return [setting, ...below(member, `${prefix}${name}.`)]
  })
}
