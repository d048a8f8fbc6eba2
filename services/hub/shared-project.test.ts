import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readSnapshot } from '@shuniu/infra/config'
import { onPostgres, startPostgres, type PostgresServer } from '@shuniu/infra/postgres/fixtures'
import { joinStore, migratePostgres, openPostgres, openPostgresStore } from '@shuniu/infra/postgres'
import type { Store } from '@shuniu/infra/store'
import { realClock } from '@shuniu/infra/time'
import { afterAll, beforeAll, describe, expect, test, type TestContext } from 'vitest'
import { applyProject } from './active-project.ts'
import { openProject } from './project.ts'
import { copyOfActive, SharedProject } from './shared-project.ts'

const { isMissing, suite } = onPostgres('a project that processes share')
const by = { actor: 'ann', reason: 'month end' }
const patience = { timeout: 2_000, interval: 20 }

describe.skipIf(isMissing)(suite, () => {
  let postgres: PostgresServer
  beforeAll(async () => void (postgres = await startPostgres()), 60_000)
  afterAll(() => postgres.stop())

  let turn = 0

  /** A folder as one machine keeps it, and the store that all share. */
  async function open({ onTestFinished }: TestContext) {
    const options = { url: postgres.url, schema: `project_${++turn}` }
    await migratePostgres(options)
    const dir = mkdtempSync(join(tmpdir(), 'shuniu-shared-'))
    for (const folder of ['tables', 'secrets']) mkdirSync(join(dir, folder))
    const write = (path: string, text: string): void => writeFileSync(join(dir, path), text)
    write('hub.yaml', 'name: shared\n')
    write('tables/account.csv', 'category,account\n差旅费,6602\n')
    onTestFinished(() => rmSync(dir, { recursive: true }))
    const process = async (follow = false) => {
      const database = await openPostgres(options)
      const store: Store = openPostgresStore(database, await joinStore(database))
      onTestFinished(() => database.close())
      const copy = await copyOfActive({ store, clock: realClock }, await openProject(dir, {}), {}, follow)
      onTestFinished(() => copy.remove())
      const said: string[] = []
      const tables = { reload: async () => void said.push('reload') }
      const failed = (error: unknown): void => void said.push(String(error))
      const ground = { store, clock: realClock, copy, tables, reopen: () => void said.push('reopen'), failed }
      const project = new SharedProject(ground)
      onTestFinished(() => project.close())
      const table = async (): Promise<string | undefined> =>
        (await readSnapshot(copy.open.project.dir)).get('tables/account.csv')
      return { store, project, said, table }
    }
    return { dir, write, process }
  }

  test('is the folder of the first, and who comes with other files is told to apply them', async (context) => {
    const { write, process } = await open(context)
    const first = await process()
    expect(await first.project.active()).toMatchObject({ number: 1, running: 1, actor: 'start' })
    write('tables/account.csv', 'category,account\n差旅费,6603\n')
    await expect(process()).rejects.toMatchObject({ code: 'project.not-applied', parameters: { number: 1 } })
    expect(await (await process(true)).table()).toContain('6602')
  })

  test('a row set in one is in all, and two rows set at once are both there', async (context) => {
    const { process } = await open(context)
    const [one, other] = [await process(), await process()]
    await Promise.all([
      one.project.setRow('account', { keys: ['广告费'], values: { account: '6604' } }, by),
      other.project.setRow('account', { keys: ['招待费'], values: { account: '6605' } }, by),
    ])
    for (const { table, said } of [one, other]) {
      await expect.poll(table, patience).toMatch(/差旅费,6602\n(广告费,6604\n招待费,6605|招待费,6605\n广告费,6604)\n/)
      expect(new Set(said)).toEqual(new Set(['reload']))
    }
    expect(Object.keys(await one.store.tally('projects', 'hash'))).toHaveLength(3)
  })

  test('other flows open every process anew within two seconds', async (context) => {
    const { dir, write, process } = await open(context)
    const [one, other] = [await process(), await process()]
    mkdirSync(join(dir, 'flows'))
    write('flows/pay.yaml', 'flow: pay\n')
    await applyProject({ store: one.store, clock: realClock }, await readSnapshot(dir), by)
    for (const { said } of [one, other]) await expect.poll(() => said, patience).toEqual(['reopen'])
  })

  test('a table nobody knows, and a whole project, are not written by one of the processes', async (context) => {
    const { project } = await (await open(context)).process()
    await expect(project.setRow('nope', { keys: ['a'], values: {} }, by)).rejects.toMatchObject({
      code: 'table.unknown',
    })
    await expect(project.apply()).rejects.toMatchObject({ code: 'project.by-command' })
  })
})
