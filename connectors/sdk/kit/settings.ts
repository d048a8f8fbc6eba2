import type { ConnectorDefinition } from '../connector.ts'
import { declaredSettings } from '../declared-settings.ts'

/** The values of the secrets in settings as written. */
export function secretsIn<Settings, Link>(
  definition: ConnectorDefinition<Settings, Link>,
  written: Readonly<Record<string, unknown>>,
): string[] {
  return declaredSettings(definition)
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
