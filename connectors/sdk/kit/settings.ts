import { isRecord } from '@shuniu/contracts'
import { z } from 'zod'
import type { ConnectorDefinition } from '../connector.ts'

/** One setting, also inside another, as its schema declares it. */
export interface DeclaredSetting {
  /** `callback.token` */
  readonly name: string
  readonly description: string | undefined
  readonly examples: readonly unknown[]
  readonly isSecret: boolean
}

/** All settings of a connector. */
export function settingsOf<Settings, Link>({ settings }: ConnectorDefinition<Settings, Link>): DeclaredSetting[] {
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

/** The values of the secrets in settings as written. */
export function secretsIn<Settings, Link>(
  definition: ConnectorDefinition<Settings, Link>,
  written: Readonly<Record<string, unknown>>,
): string[] {
  return settingsOf(definition)
    .filter((setting) => setting.isSecret)
    .map(({ name }) => name.split('.').reduce<unknown>((at, part) => Object(at)[part], written))
    .filter((value): value is string => typeof value === 'string')
}

/** The same settings with every secret replaced. */
export function withSecrets(
  written: Readonly<Record<string, unknown>>,
  secrets: readonly string[],
  replacement: (secret: string) => string,
): Readonly<Record<string, unknown>> {
  const replaced = (value: unknown): unknown => {
    if (typeof value === 'string') return secrets.includes(value) ? replacement(value) : value
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, replaced(member)]))
  }
  return Object.fromEntries(Object.entries(written).map(([name, value]) => [name, replaced(value)]))
}
