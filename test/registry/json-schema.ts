import { isRecord } from '@shuniu/contracts'

/** The headers that a JSON Schema of texts does not allow: as much of the specification as our headers use. */
export function fits(schema: unknown, headers: Readonly<Record<string, string>>): string[] {
  if (!isRecord(schema) || !isRecord(schema['properties'])) throw new Error('no schema of an object')
  const { required, properties } = schema
  const missing = (Array.isArray(required) ? required.map(String) : []).filter((name) => !(name in headers))
  const wrong = Object.entries(headers).filter(([name, text]) => !isAllowed(properties[name], text))
  return [...missing, ...wrong.map(([name]) => name)]
}

function isAllowed(schema: unknown, text: string): boolean {
  if (!isRecord(schema)) return true
  const { const: only, pattern, minLength, format } = schema
  if (only !== undefined && only !== text) return false
  if (typeof pattern === 'string' && !new RegExp(pattern).test(text)) return false
  if (minLength !== undefined && text.length < Number(String(minLength))) return false
  return format !== 'date-time' || (/^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(text) && !Number.isNaN(Date.parse(text)))
}
