import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { findSimulators } from '@shuniu/hub'
import { main } from '@shuniu/hub/cli'
import { startSimulator } from '@shuniu/sdk/simulator'
import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import { commandsIn, outline, pairs, readPages, root, type Block, type Page } from './pages.ts'

const pages = readPages()
const scratch = mkdtempSync(join(tmpdir(), 'shuniu-docs-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

describe.each(pairs(pages).map(([english, chinese]) => ({ name: english.path, english, chinese })))(
  '$name and its Chinese page',
  ({ english, chinese }) => {
    test('have the same headings', () => expect(outline(chinese)).toEqual(outline(english)))

    test('have the same code, but for what people read in it', () => {
      expect(chinese.blocks.map(bare)).toEqual(english.blocks.map(bare))
    })

    test('have the same tables', () => expect(rowsOf(chinese)).toBe(rowsOf(english)))
  },
)

/** Comments, and Chinese characters: what a translation may change. */
function bare({ language, test: kind, text }: Block) {
  const code = text.replaceAll(/ *(^|\s)#.*$/gm, '').replaceAll(/[\p{Script=Han}，。：；、（）“”…]+/gu, '·')
  return { language, kind, code: language === '' ? '' : code }
}

function rowsOf({ text }: Page): number {
  return text.split('\n').filter((line) => line.startsWith('|')).length
}

describe.each(pages)('$path', (page) => {
  test('links to what exists', () => {
    const links = [...page.text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map(([, target = '']) => target)
    const local = links.filter((target) => !/^https?:/.test(target))
    expect(local.filter((target) => !existsSync(join(root, dirname(page.path), target)))).toEqual([])
  })

  test('names files that exist', () => {
    const named = [
      ...page.text.matchAll(/`((?:contracts|infra|connectors|services|examples|test|scripts)\/[\w./-]+)`/g),
    ]
    expect(named.map(([, path = '']) => path).filter((path) => !existsSync(join(root, path)))).toEqual([])
  })
})

const commands = pages.flatMap((page) =>
  tested(page, 'commands').flatMap((block) => commandsIn(block).map((command) => ({ path: page.path, command }))),
)
test.each(commands)('$path: $command is a command with options that exist', async ({ command }) => {
  expect(await unknownIn(command)).toEqual([])
})

const fragments = pages.flatMap(({ path, blocks }) =>
  blocks
    .filter(({ test: kind }) => kind === 'steps' || kind === 'events')
    .map((block) => ({ path, line: block.line, block })),
)
test.each(fragments)('$path:$line: lint finds nothing wrong with this part of a file', async ({ block }) => {
  expect(await lint(projectWith([[pathOf(block), completed(block)]]))).toEqual({ code: 0, problems: [] })
})

const projects = pages.flatMap(({ path, blocks }) => {
  const files = blocks.flatMap(({ test: kind, text }) =>
    kind?.startsWith('file ') ? [[kind.slice(5), text] as const] : [],
  )
  return files.length === 0 ? [] : [{ path, files }]
})
test.each(projects)('$path: lint finds nothing wrong with the project it writes', async ({ files }) => {
  expect(await lint(projectWith(files))).toEqual({ code: 0, problems: [] })
})

const flowTests = projects.filter(({ path, files }) => path === 'docs/testing.md' && files.length > 0)
test.each(flowTests)('$path: its tests of flows pass', { timeout: 60_000 }, async ({ files }) => {
  const { out } = await shuniu('test', 'voucher', '--project', projectWith(files), '--json')
  const { cases } = JSON.parse(out) as { cases: { name: string; ok: boolean; findings: unknown }[] }
  expect(cases.length).toBeGreaterThan(0)
  expect(cases.map(({ name, ok, findings }) => ({ name, ok, findings }))).toEqual(
    cases.map(({ name }) => ({ name, ok: true, findings: [] })),
  )
})

const own = projects.filter(({ path }) => path.startsWith('docs/own-connection'))
test.each(own)('$path: works with the simulators as it is written', { timeout: 60_000 }, async ({ files }) => {
  const project = projectWith(files)
  const secret = (name: string): string => readFileSync(join(project, 'secrets', `${name}-simulator`), 'utf8').trim()
  const simulators = await Promise.all(
    [...(await findSimulators())].map(async ([name, definition]) => {
      const running = await startSimulator(definition, { data: join(project, 'books', name) })
      onTestFinished(() => running.close())
      return [name, running.url] as const
    }),
  )
  const around = Object.fromEntries(
    simulators.flatMap(([name, url]) => {
      const prefix = name.toUpperCase()
      return [
        [`${prefix}_URL`, url],
        [`${prefix}_SECRET`, secret(name)],
      ]
    }),
  )
  const run = (...argv: string[]) => shuniuIn(around, ...argv, '--project', project)
  for (const name of ['dingtalk-main', 'kingdee-main']) {
    expect(await run('connection', 'check', name), name).toMatchObject({ code: 0 })
  }
  expect(await run('connection', 'discover', 'dingtalk-main', '--save')).toMatchObject({ code: 0 })
  expect(await run('lint')).toEqual({ code: 0, out: '' })
  expect(await run('test', '--json')).not.toMatchObject({ out: expect.stringContaining('test.not-simulated') })
  const body = JSON.stringify({ department: '市场部' })
  await fetch(`${around['DINGTALK_URL']}/_sim/acts/approved-payment`, { method: 'POST', body })
  const event = join(project, 'event.json')
  writeFileSync(event, (await run('connection', 'sample', 'dingtalk-main', '--last', '1')).out)
  expect(await run('flow', 'dry-run', 'payment-to-voucher', '--event', event, '--explain')).toMatchObject({
    code: 0,
    out: expect.stringContaining('kingdee-main / voucher.save'),
  })
  expect(await run('start', '--dry', '--json')).toMatchObject({
    code: 0,
    out: expect.stringContaining('"documents":1'),
  })
})

function tested({ blocks }: Page, kind: string): Block[] {
  return blocks.filter((block) => block.test === kind)
}

/** A copy of the shipped project with some files replaced. */
function projectWith(files: readonly (readonly [string, string])[]): string {
  const dir = mkdtempSync(join(scratch, 'project-'))
  cpSync(join(root, 'examples/payment-to-voucher'), dir, { recursive: true })
  for (const [path, text] of files) {
    mkdirSync(dirname(join(dir, path)), { recursive: true })
    writeFileSync(join(dir, path), `${text}\n`)
  }
  return dir
}

const pathOf = ({ test: kind }: Block): string =>
  kind === 'steps' ? 'flows/another.yaml' : 'connections/dingtalk-main.yaml'

/** Steps get the head of the shipped flow, events that of the shipped connection. */
function completed({ test: kind, text }: Block): string {
  if (kind === 'events') return `${headOf('connections/dingtalk-main.yaml', 'events:')}${text}`
  const head = headOf('flows/payment-to-voucher.yaml', 'steps:').replace('flow: payment-to-voucher', 'flow: another')
  return `${head}steps:\n${text.replaceAll(/^/gm, '  ')}`
}

function headOf(file: string, key: string): string {
  return (
    readFileSync(join(root, 'examples/payment-to-voucher', file), 'utf8').split(new RegExp(`^${key}`, 'm'))[0] ?? ''
  )
}

const environment = {
  DINGTALK_URL: 'http://127.0.0.1:1',
  KINGDEE_URL: 'http://127.0.0.1:2',
  DINGTALK_SECRET: 'of-the-tests',
  KINGDEE_SECRET: 'of-the-tests',
}

async function lint(dir: string): Promise<{ code: number; problems: unknown }> {
  const { code, out } = await shuniu('lint', '--project', dir, '--json')
  const { problems } = JSON.parse(out) as { problems: { severity: string }[] }
  return { code, problems: problems.filter(({ severity }) => severity === 'error') }
}

/** Options of a command that its help does not know; the command itself when there is none. */
async function unknownIn(command: string): Promise<string[]> {
  const [program, ...words] = command.split(/\s+/)
  if (program !== 'shuniu') return [command]
  const plain = words.filter((word) => /^[a-z-]+$/.test(word) && !word.startsWith('-'))
  const help = await helpOf(plain)
  if (help === undefined) return [command]
  return words.filter((word) => word.startsWith('--') && !help.includes(word))
}

/** Help of the longest row of words that is a command. */
async function helpOf(words: readonly string[]): Promise<string | undefined> {
  for (let length = Math.min(2, words.length); length > 0; length--) {
    const { code, out } = await shuniu(...words.slice(0, length), '--help')
    if (code === 0 && out.includes(`shuniu ${words.slice(0, length).join(' ')}`)) return out
  }
  return undefined
}

const shuniu = (...argv: readonly string[]) => shuniuIn(environment, ...argv)

async function shuniuIn(
  around: Readonly<Record<string, string>>,
  ...argv: readonly string[]
): Promise<{ code: number; out: string }> {
  const said = { out: '', err: '' }
  const code = await main([...argv], {
    out: { write: (text) => void (said.out += text) },
    err: { write: (text) => void (said.err += text) },
    in: Readable.from([]),
    environment: around,
    onStop: () => () => undefined,
    exit: () => undefined,
  })
  return { code, out: said.out }
}
