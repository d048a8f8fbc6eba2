import { catalogue, type CatalogueEntry } from '@shuniu/contracts'
import { describe, expect, test } from 'vitest'
import { readTexts } from './disk.ts'

const texts = readTexts()
const paths = [...texts.keys()]

/** What it means to be a connector of this repository. */
describe.each(connectors())('connector %s', (name) => {
  test.each(['connector.ts', 'connector.test.ts', 'simulator/main.ts', 'README.md'])('has %s', (file) => {
    expect(paths).toContain(`connectors/${name}/${file}`)
  })

  test('has an example', () => {
    expect(paths.filter((path) => path.startsWith(`connectors/${name}/examples/`))).not.toEqual([])
  })

  test('names its entry for the hub', () => {
    const manifest: unknown = JSON.parse(texts.get(`connectors/${name}/package.json`) ?? '{}')
    expect(manifest).toMatchObject({
      name: `@shuniu/connector-${name}`,
      shuniu: { connector: './dist/connector.js', simulator: './dist/simulator/main.js' },
    })
  })
})

function connectors(): string[] {
  const names = paths.flatMap((path) => /^connectors\/([^/]+)\/package\.json$/.exec(path)?.[1] ?? [])
  return names.filter((name) => name !== 'sdk')
}

describe('error codes', () => {
  const entries: readonly [string, CatalogueEntry][] = Object.entries(catalogue)
  const han = /\p{Script=Han}/u

  test('have a message and a help in English and in Chinese', () => {
    const bad = entries.filter(([, { message, help }]) =>
      [message, help].some(({ en, zh }) => en.trim() === '' || han.test(en) || !han.test(zh)),
    )
    expect(bad.map(([code]) => code)).toEqual([])
  })

  test('fill the same places in both', () => {
    const bad = entries.filter(([, { message, help }]) =>
      [message, help].some(({ en, zh }) => placesIn(en) !== placesIn(zh)),
    )
    expect(bad.map(([code]) => code)).toEqual([])
  })

  test('are words: area.what-is-wrong', () => {
    expect(
      entries.map(([code]) => code).filter((code) => !/^[a-z]+(-[a-z]+)*\.[a-z0-9]+(-[a-z0-9]+)*$/.test(code)),
    ).toEqual([])
  })

  test('are all used', () => {
    const isCode = (path: string): boolean => /(?<!\.test)\.ts$/.test(path) && path !== 'contracts/catalogue.ts'
    const code = [...texts].flatMap(([path, text]) => (isCode(path) ? [text] : [])).join('\n')
    const written = new Set([...code.matchAll(/'([a-z-]+\.[a-z0-9-]+)'/g)].map(([, name]) => name))
    const begun = [...code.matchAll(/`([a-z-]+\.[a-z0-9-]*)\$\{/g)].map(([, head = '']) => head)
    const unused = entries.filter(([name]) => !written.has(name) && !begun.some((head) => name.startsWith(head)))
    expect(unused.map(([name]) => name)).toEqual([])
  })
})

/** The places `{name}` of a text, in a fixed order. */
function placesIn(text: string): string {
  return [...new Set(text.match(/\{\w+\}/g))].toSorted().join(' ')
}

test('the lock file holds every package by its hash and no address', () => {
  const lock: unknown = JSON.parse(texts.get('package-lock.json') ?? '{}')
  const packages = Object.entries(isRecord(lock) && isRecord(lock['packages']) ? lock['packages'] : {})
  const bad = packages.filter(([path, entry]) => {
    if (!isRecord(entry) || !path.includes('node_modules/')) return false
    const { resolved, link, integrity } = entry
    return link === true ? /:/.test(String(resolved)) : resolved !== undefined || typeof integrity !== 'string'
  })
  expect(packages.length).toBeGreaterThan(100)
  expect(bad.map(([path]) => path)).toEqual([])
})

test('every package is built', () => {
  const { references } = JSON.parse(texts.get('tsconfig.json') ?? '{}')
  const folders = paths.flatMap((path) => /^(.+)\/package\.json$/.exec(path)?.[1] ?? [])
  expect(references.map(({ path }: { path: string }) => path).toSorted()).toEqual(folders.toSorted())
})

test('every package has the version and the licence of the whole', () => {
  const manifests = paths
    .filter((path) => path.endsWith('package.json'))
    .map((path) => JSON.parse(texts.get(path) ?? ''))
  const { version, license } = JSON.parse(texts.get('package.json') ?? '{}')
  for (const manifest of manifests) expect(manifest).toMatchObject({ version, license })
})

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
