import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { execFile } from 'node:child_process'
import { readPages } from '../docs/pages.ts'
import { cache } from './world.ts'

/** A program as it stands on the page for other teams, by what the comment before it says. */
export function snippet(test: string): string {
  const page = readPages().find(({ path }) => path === 'docs/events.md')
  const found = page?.blocks.find((block) => block.test === test)
  if (!found) throw new Error(`docs/events.md has no block for ${test}`)
  return found.text
}

/** Writes a program where it finds its libraries. */
export function written(name: string, text: string): string {
  const folder = join(cache, 'snippets')
  mkdirSync(folder, { recursive: true })
  const file = join(folder, name)
  writeFileSync(file, text)
  return file
}

/** Runs a program until it has said what is waited for, or ended; gives all of what it said. */
export function runUntil(
  [program = '', ...args]: readonly string[],
  environment: Readonly<Record<string, string>>,
  isSaid: (out: string) => boolean,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const running = spawn(program, args, { env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] })
    let [out, err] = ['', '']
    const end = setTimeout(() => running.kill('SIGKILL'), 60_000)
    running.stdout.on('data', (text: Buffer) => {
      out += String(text)
      if (isSaid(out)) running.kill('SIGKILL')
    })
    running.stderr.on('data', (text: Buffer) => void (err += String(text)))
    running.once('error', reject)
    running.once('close', (code) => {
      clearTimeout(end)
      if (isSaid(out) || code === 0) resolve(out)
      else reject(new Error(`${program} ended with ${code}, and had said: ${out}\n${err}`))
    })
  })
}

const run = promisify(execFile)

/** The Python that has Confluent's client; made once. */
export async function python(): Promise<string> {
  const program = join(cache, 'python/bin/python')
  if (!existsSync(join(cache, 'python/complete'))) {
    await run('python3', ['-m', 'venv', join(cache, 'python')])
    await run(program, ['-m', 'pip', 'install', '--quiet', 'confluent-kafka[avro]==2.15.1'])
    writeFileSync(join(cache, 'python/complete'), '')
  }
  return program
}

/** The Go client of this folder, built. */
export async function goClient(): Promise<string> {
  const program = join(cache, 'go-client')
  const path = [process.env['PATH'], '/usr/local/go/bin'].join(delimiter)
  const options = { cwd: join(import.meta.dirname, 'go'), env: { ...process.env, PATH: path } }
  await run('go', ['build', '-o', program, '.'], options)
  return program
}
