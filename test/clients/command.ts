import { Readable } from 'node:stream'
import { main } from '@shuniu/hub/cli'

/** Runs a command against a hub. */
export async function run(
  argv: readonly string[],
  hub: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<{ code: number; out: string; err: string }> {
  const said = { out: '', err: '' }
  const code = await main([...argv], {
    out: { write: (text) => void (said.out += text) },
    err: { write: (text) => void (said.err += text) },
    in: Readable.from([]),
    environment: { ...environment, SHUNIU_HUB: hub },
    onStop: () => () => undefined,
    exit: () => undefined,
  })
  return { code, ...said }
}
