import { contracts, type Problem } from '@shuniu/contracts'
import { decodeFlow, parseTable, readYaml } from '@shuniu/infra/config'
import type { Store } from '@shuniu/infra/store'
import { SimulatedClock } from '@shuniu/infra/time'
import { checkLookUp } from './flow/check-look-ups.ts'
import { compileFlow } from './flow/compile.ts'
import type { FlowGround } from './flow/ground.ts'
import { lookUps } from './flow/lookups.ts'
import type { FlowPlan } from './flow/plan.ts'
import { booksConnector } from './test-connector.ts'
import { Target } from './test-target.ts'

/** A flow on approved payments, as a user writes it; the first of its steps stands in line 5. */
export const flowWith = (steps: string, head = ''): string =>
  `flow: test\non: approval.payment.approved\nsince: 2026-03-01T00:00:00Z\n${head}steps:\n${steps}`

const refuse = (): Promise<never> => Promise.reject(new Error('a check asks nobody'))
const store: Store = { epoch: 0, commit: refuse, get: refuse, select: refuse, tally: refuse, oldest: refuse }

const shapes = ['category,account\n', 'key:city,key:kind,rate\n', 'id,name,from,to\n'].flatMap((csv, at) => {
  const name = ['account', 'rate', 'department'][at] ?? ''
  return parseTable(name, `tables/${name}.csv`, csv).table?.shape ?? []
})

/** Connections `books` and `office`, and three tables: `account` (1 key), `rate` (2 keys), `department` (1 key, dated). */
export function checking(): FlowGround {
  const target = new Target(new SimulatedClock(0))
  const connector = booksConnector(target)
  const { periods: _, ...timeless } = connector
  const connectors = new Map([
    ['books', connector],
    ['office', timeless],
  ])
  const tables = {
    shapes,
    shape: (name: string) => shapes.find((one) => one.name === name),
    find: () => undefined,
  }
  const functions = lookUps({ tables, store, connections: new Map() })
  return { contracts, connectors, functions, checkLookUp: (call) => checkLookUp(call, { tables, connectors }) }
}

/** Everything a user is told about a flow: `line:column code`, warnings marked, in the order of the file. */
export function lint(yaml: string): string[] {
  return said(problemsOf(yaml))
}

export function said(problems: readonly Problem[]): string[] {
  return problems
    .map(({ error: { place, code }, severity }) => ({
      place,
      text: severity === 'warning' ? `${code} (warning)` : code,
    }))
    .toSorted((a, b) => (a.place?.line ?? 0) - (b.place?.line ?? 0) || (a.place?.column ?? 0) - (b.place?.column ?? 0))
    .map(({ place, text }) => `${place?.line}:${place?.column} ${text}`)
}

export function problemsOf(yaml: string): readonly Problem[] {
  const { node, problems } = readYaml(yaml, 'flows/test.yaml')
  const read = node && decodeFlow(node)
  return [
    ...problems,
    ...(read?.problems ?? []),
    ...(read?.value ? compileFlow(read.value, yaml, checking()).problems : []),
  ]
}

/** The plan of a flow that has no errors. */
export function planOf(yaml: string): FlowPlan {
  const { node } = readYaml(yaml, 'flows/test.yaml')
  const file = node && decodeFlow(node).value
  const plan = file && compileFlow(file, yaml, checking()).plan
  if (!plan) throw new Error(lint(yaml).join('\n'))
  return plan
}
