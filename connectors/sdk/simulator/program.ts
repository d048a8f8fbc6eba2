import { parseArgs } from 'node:util'
import { startSimulator } from './server.ts'
import type { RunningSimulator, SimulatorDefinition } from './simulator.ts'

/** Flags that cannot be understood; the message is for the user. The program ends with exit code 64. */
class UsageError extends Error {}

/**
 * A simulator as a program: reads the flags behind the first two places of `argv`, prints one line
 * `ready http://127.0.0.1:N` on stdout, and closes on SIGTERM and SIGINT.
 */
export async function runSimulator(definition: SimulatorDefinition, argv: string[]): Promise<RunningSimulator> {
  const running = await startOrExplain(definition, argv)
  process.stdout.write(`ready ${running.url}\n`)
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => void running.close().then(() => process.exit(0)))
  }
  return running
}

async function startOrExplain(definition: SimulatorDefinition, argv: string[]): Promise<RunningSimulator> {
  try {
    return await startSimulator(definition, readFlags(definition, argv.slice(2)))
  } catch (error) {
    const usage = error instanceof UsageError
    process.stderr.write(usage ? `${error.message}\n\n${help(definition)}` : `${definition.name}: ${String(error)}\n`)
    process.exit(usage ? 64 : 1)
  }
}

function readFlags(definition: SimulatorDefinition, flags: string[]) {
  const text = { type: 'string' } as const
  const own = Object.fromEntries(Object.keys(definition.options).map((name) => [name, text]))
  const {
    port = '0',
    data,
    control = 'on',
    ...options
  } = parse(flags, { ...own, port: text, data: text, control: text })
  if (data === undefined) throw new UsageError('--data is missing')
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) throw new UsageError(`--port ${port} is not a port`)
  if (control !== 'on' && control !== 'off') throw new UsageError(`--control ${control} is neither on nor off`)
  return { port: Number(port), data, control: control === 'on', options }
}

function parse(args: string[], options: Record<string, { type: 'string' }>): Record<string, string | undefined> {
  try {
    return parseArgs({ args, options, allowPositionals: false }).values
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

/** The flags of a simulator, for people. */
export function help(definition: SimulatorDefinition): string {
  const lines = [
    ['--data DIR', 'folder of its book, kept between starts'],
    ['--port N', 'default: a free one'],
    ['--control on|off', 'the interface under /_sim; default on'],
    ...Object.entries(definition.options).map(([name, option]) => [
      `--${name}`,
      option.default === undefined ? option.help : `${option.help}; default ${option.default}`,
    ]),
  ]
  return `Simulator of ${definition.name}:\n${lines.map(([flag = '', text]) => `  ${flag.padEnd(20)}${text}\n`).join('')}`
}
