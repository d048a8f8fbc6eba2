import { describe, expect, it } from 'vitest'
import { circlesIn, cycles } from './cycles.ts'
import { drivers, testSupport, undeclared } from './dependencies.ts'
import { direction } from './direction.ts'
import { proof, simulators } from './isolation.ts'
import { repositoryOf, type Repository } from './repository.ts'
import { emptyFileNames, tooLong, unwantedText } from './texts.ts'

const manifest = (name: string, dependencies: Record<string, string> = {}, entry = './index.ts'): string =>
  JSON.stringify({
    name,
    exports: { '.': { '@shuniu/source': entry }, './simulator': { '@shuniu/source': './simulator/index.ts' } },
    dependencies,
    devDependencies: { sinon: '1' },
  })

/** A small repository with the files given. */
function repository(files: Readonly<Record<string, string>>): Repository {
  return repositoryOf(
    new Map([
      ['package.json', JSON.stringify({ devDependencies: { vitest: '1' } })],
      ['contracts/package.json', manifest('@shuniu/contracts')],
      ['infra/package.json', manifest('@shuniu/infra', { '@shuniu/contracts': '1', undici: '1', yaml: '1' })],
      ['clients/node/package.json', manifest('@shuniu/client', { '@shuniu/contracts': '1' })],
      ['clients/nest/package.json', manifest('@shuniu/nest', { '@shuniu/client': '1' })],
      ['connectors/sdk/package.json', manifest('@shuniu/sdk')],
      ['connectors/oa/package.json', manifest('@shuniu/connector-oa', { '@shuniu/sdk': '1' }, './connector.ts')],
      ['connectors/erp/package.json', manifest('@shuniu/connector-erp')],
      ['services/ingress/package.json', manifest('@shuniu/ingress')],
      ['services/hub/package.json', manifest('@shuniu/hub', { '@shuniu/ingress': '1' })],
      ...Object.entries(files),
    ]),
  )
}

describe('direction', () => {
  it.each([
    ['contracts/a.ts', "import type { Log } from '@shuniu/infra'", 'contracts must not import infra'],
    ['connectors/oa/a.ts', "export * from '@shuniu/connector-erp'", 'connectors/oa must not import connectors/erp'],
    ['services/ingress/a.ts', "await import('@shuniu/hub')", 'services/ingress must not import services/hub'],
    ['infra/a.ts', "import '@shuniu/client'", 'clients/node is for programs of others'],
    ['clients/node/a.ts', "import '@shuniu/infra'", 'clients/node must not import infra'],
    ['clients/node/a.ts', "import '@shuniu/nest'", 'clients/nest is for programs of others'],
    ['infra/a.ts', "type X = import('@shuniu/sdk').X", 'infra must not import connectors/sdk'],
    ['infra/a.ts', "import '../contracts/index.ts'", 'reaches into contracts'],
    ['infra/a.ts', "import '@shuniu/contracts/secret'", 'is no entry'],
    ['infra/a.ts', "import '@shuniu/infra'", 'is this package itself'],
    ['infra/a.ts', "import '../../elsewhere.ts'", 'belongs to no package'],
  ])('%s: %s', (path, text, expected) => {
    const [violation, ...more] = direction(repository({ [path]: `const line = 1\n${text}` }))
    expect(violation).toContain(`${path}:2 `)
    expect(violation).toContain(expected)
    expect(more).toEqual([])
  })

  it('lets the hub compose, and everything stand on what is below', () => {
    const hub = "import '@shuniu/ingress'\nimport '@shuniu/connector-oa'\nimport '@shuniu/connector-oa/simulator'"
    expect(direction(repository({ 'services/hub/a.ts': hub, 'infra/b.ts': "import './c.ts'" }))).toEqual([])
  })

  it('takes no text for an import', () => {
    const text = "const s = \"import x from '@shuniu/hub'\" // import '@shuniu/hub'"
    expect(direction(repository({ 'infra/a.ts': text }))).toEqual([])
  })
})

describe('cycles', () => {
  it('are found across files, and types count', () => {
    const files = { 'infra/a.ts': "import { b } from './b.ts'", 'infra/b.ts': "import type { A } from './a.ts'" }
    expect(cycles(repository(files))).toEqual([
      'infra/a.ts → infra/b.ts → infra/a.ts: files import each other in a circle',
    ])
  })

  it('are not two ways to the same file', () => {
    const graph = new Map([
      ['a', ['b', 'c']],
      ['b', ['d']],
      ['c', ['d']],
      ['d', []],
    ])
    expect(circlesIn(graph)).toEqual([])
  })
})

describe('dependencies', () => {
  it('stand in the package of the file', () => {
    expect(undeclared(repository({ 'contracts/a.ts': "import 'lodash/fp'" }))).toEqual([
      'contracts/a.ts:1 lodash is not a dependency in contracts/package.json',
    ])
  })

  it('for development are for tests', () => {
    const text = "import 'sinon'\nimport 'vitest'"
    expect(undeclared(repository({ 'infra/a.test.ts': text, 'infra/suite.ts': text }))).toEqual([])
    expect(undeclared(repository({ 'infra/a.ts': text }))).toHaveLength(2)
  })

  it('that are drivers stay behind their port', () => {
    const text = "import { Pool } from 'undici'"
    expect(drivers(repository({ 'infra/outbound/pool.ts': text, 'infra/store/a.test.ts': text }))).toEqual([])
    expect(drivers(repository({ 'infra/store/a.ts': text }))[0]).toMatch(
      /^infra\/store\/a\.ts:1 only .* may use undici$/,
    )
  })

  it('that are drivers may be named as types where that is said', () => {
    const named = "import type { Statement } from 'better-sqlite3'"
    const used = "import Sqlite from 'better-sqlite3'"
    expect(drivers(repository({ 'infra/store/sqlite.ts': named }))).toEqual([])
    expect(drivers(repository({ 'infra/store/sqlite.ts': used }))).toHaveLength(1)
  })

  it('on what is for tests are refused in what runs', () => {
    const text = "import { suite } from './suite.ts'"
    expect(testSupport(repository({ 'infra/log/a.ts': text, 'infra/log/b.test.ts': text }))).toEqual([
      'infra/log/a.ts:1 ./suite.ts is only for tests',
    ])
  })
})

describe('isolation', () => {
  it.each(["import '../signature.ts'", "import '@shuniu/sdk'", "import '@shuniu/contracts'"])(
    'a simulator may not: %s',
    (text) => {
      expect(simulators(repository({ 'connectors/oa/simulator/main.ts': text }))).toHaveLength(1)
    },
  )

  it('a simulator uses its kit, its own files and Node', () => {
    const text = "import '@shuniu/sdk/simulator'\nimport './book.ts'\nimport 'node:http'\nimport 'ws'"
    expect(simulators(repository({ 'connectors/oa/simulator/main.ts': text }))).toEqual([])
  })

  it('a connector knows no simulator, its tests do', () => {
    const text = "import './simulator/main.ts'"
    expect(
      simulators(repository({ 'connectors/oa/connector.ts': text, 'connectors/oa/connector.test.ts': text })),
    ).toEqual(['connectors/oa/connector.ts:1 nothing but the hub knows a simulator'])
  })

  it('the proof imports Node and itself', () => {
    const text = "import 'node:fs'\nimport './books.ts'\nimport '../hub.ts'\nimport 'zod'"
    expect(proof(repository({ 'services/hub/proof/proof.ts': text }))).toEqual([
      'services/hub/proof/proof.ts:3 services/hub/proof stands alone: ../hub.ts',
      'services/hub/proof/proof.ts:4 the proof imports nothing but node:: zod',
    ])
  })
})

describe('habits', () => {
  it.each([
    'let a: any',
    'const a = b as unknown as string',
    'const a = process.env.HOME',
    'const a = Date.now()',
    'const a = new Date()',
    'setTimeout(call, 5)',
    'const a = Math.random()',
    'test.skip("later", () => {})',
  ])('%s', (text) => {
    const { sources } = repository({ 'infra/a.ts': text })
    const found = sources.flatMap((file) => file.found.filter(({ habit }) => !habit.allowedIn(file.path)))
    expect(found).toHaveLength(1)
  })

  it('an instant that is given is no clock', () => {
    const { sources } = repository({ 'infra/a.ts': 'const a = new Date(given); clock.now(); it.each([])' })
    expect(sources.flatMap(({ found }) => found)).toEqual([])
  })
})

const only = (path: string, text: string): ReadonlyMap<string, string> => new Map([[path, text]])

describe('texts', () => {
  it('longer than 500 lines is too long, a table is not', () => {
    expect(tooLong(only('infra/a.ts', 'x\n'.repeat(501)))).toHaveLength(1)
    expect(tooLong(only('infra/a.ts', 'x\n'.repeat(500)))).toEqual([])
    expect(tooLong(only('contracts/catalogue.ts', 'x\n'.repeat(501)))).toEqual([])
  })

  it.each([
    `// ${'TO'}DO later`,
    `throw new Error('${'not'} implemented')`,
    `'/${'home'}/ann/x'`,
    `https://${'registry'}.npmjs.org`,
  ])('unwanted: %s', (line) => {
    expect(unwantedText(only('infra/a.ts', `const a = 1\n${line}`))).toEqual([
      expect.stringMatching(/^infra\/a\.ts:2 /),
    ])
  })

  it('an address of an API is no path of a machine', () => {
    expect(unwantedText(only('infra/a.ts', "'/v1.0/workflow/processInstances' '/k3cloud/' '/workflow'"))).toEqual([])
  })

  it('a file called helpers has no name', () => {
    expect(
      emptyFileNames(
        new Map([
          ['infra/json-helpers.ts', ''],
          ['infra/json/write.ts', ''],
        ]),
      ),
    ).toHaveLength(1)
  })
})
