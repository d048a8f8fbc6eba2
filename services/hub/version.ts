import { readFileSync } from 'node:fs'

/** Version of the hub, from its package. */
export const version: string = readVersion()

function readVersion(): string {
  const path = import.meta.url.endsWith('.ts') ? './package.json' : '../package.json'
  const { version: written } = JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')) as { version: string }
  return written
}
