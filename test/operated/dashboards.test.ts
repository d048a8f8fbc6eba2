import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { pause } from '../processes/pause.ts'
import { root } from '../processes/root.ts'
import { act, fault } from '../scenarios/append.ts'
import { ChildRig } from '../scenarios/child.ts'
import { finished, post, sealed } from '../scenarios/push.ts'
import { patience } from '../scenarios/seen.ts'
import { missing, promtool, readRepository, startPrometheus, withoutPrometheus, type Prometheus } from './prometheus.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 })

interface Panel {
  readonly title: string
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
  readonly targets: readonly { readonly expr: string }[]
}

const boards = readdirSync(join(root, 'deploy/grafana')).filter((name) => name.endsWith('.json'))
const panels = boards.flatMap((board) => {
  const { panels: all } = JSON.parse(readRepository(`deploy/grafana/${board}`)) as { panels: Panel[] }
  return all.map((panel) => ({ board, ...panel }))
})
const queries = panels.flatMap(({ board, title, targets }) =>
  targets.map(({ expr }) => [`${board}: ${title}: ${expr}`, expr.replaceAll('$connection', '.*')] as const),
)

/** Payments that are approved, pushed and booked, one that has to wait for a person, and a call that fails. */
async function load(rig: ChildRig): Promise<void> {
  const { dingtalk, kingdee } = rig.systems
  await fault(kingdee.url, { on: 'voucher.save', fault: 'html-502' })
  for (let round = 0; round < 12; round++) {
    const made = await Promise.all(
      [0, 1, 2].map((at) =>
        act<{ id: string; number: string }>(dingtalk.url, 'approved-payment', {
          push: false,
          department: at + round === 0 ? '新业务部' : '市场部',
        }),
      ),
    )
    for (const one of made) expect((await post(rig.hub, sealed(finished(one)))).status).toBe(200)
    await pause(500)
  }
}

test('there are three dashboards, and titles in both languages', () => {
  expect(boards).toEqual(['business.json', 'connections.json', 'operations.json'])
  expect(panels.filter(({ title }) => !/^[\w ,'-]+ · .*\p{Script=Han}/u.test(title))).toEqual([])
})

test('no panel lies over another, or beyond the edge', () => {
  for (const board of boards) {
    const cells = panels
      .filter((panel) => panel.board === board)
      .flatMap(({ gridPos: { x, y, w } }) => Array.from({ length: w }, (_, at) => [x + at, y] as const))
    expect(new Set(cells.map(String)).size).toBe(cells.length)
    expect(Math.max(...cells.map(([x]) => x))).toBeLessThan(24)
  }
})

describe.skipIf(missing !== '')(`on a Prometheus that scrapes a built hub under load${withoutPrometheus}`, () => {
  let prometheus: Prometheus
  let rig: ChildRig
  const endings: (() => unknown)[] = []

  beforeAll(async () => {
    prometheus = await startPrometheus()
    endings.push(() => prometheus.close())
    rig = await ChildRig.for(
      { onTestFinished: (end) => void endings.push(end as () => unknown) },
      { edit: (project) => project.replace('connections/dingtalk-main.yaml', 'perMonth: 0 ', 'perMonth: 10000 ') },
    )
    prometheus.aim(rig.hub.url)
    await load(rig)
  })
  // One that fails to end must not leave the others running.
  afterAll(() => Promise.allSettled(endings.map(async (end) => end())))

  test('promtool finds nothing wrong with the metrics of the hub', async () => {
    const text = await (await fetch(`${rig.hub.url}/metrics`)).text()
    expect(promtool(['check', 'metrics'], text)).toEqual({ fine: true, said: '' })
  })

  test.for(queries)('%s', async ([, expression]) => {
    const answered = async (): Promise<number> =>
      (await prometheus.query(expression)).filter(({ value }) => Number.isFinite(value)).length
    await expect.poll(answered, patience).toBeGreaterThan(0)
  })
})
