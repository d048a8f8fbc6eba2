import { nearest, problem, type Problem } from '@shuniu/contracts'
import {
  decode,
  everyStep,
  nodeAt,
  placeOf,
  placeOfKey,
  type CallTarget,
  type Flow,
  type Project,
  type Step,
} from '@shuniu/infra/config'
import { testShape, type TestFile } from './format.ts'

/** A file of tests with the flow it is about. */
export interface FlowTests {
  /** `tests/payment-to-voucher.test.yaml` */
  readonly file: string
  readonly tests: TestFile
  readonly flow: Flow
}

/** Reads every file of tests of a project; what is wrong with one leaves it out. */
export function readTestFiles(project: Project): { files: FlowTests[]; problems: Problem[] } {
  const problems: Problem[] = []
  const files = project.tests.flatMap(({ file, node }) => {
    const read = decode(node, testShape)
    const tests = read.value
    problems.push(...read.problems)
    if (!tests) return []
    const flow = project.flows.get(tests.flow)
    const found = flow ? checkNames(tests, flow) : [unknownFlow(tests, project)]
    problems.push(...found)
    return flow && found.length === 0 ? [{ file, tests, flow }] : []
  })
  return { files, problems }
}

function unknownFlow(tests: TestFile, { flows }: Project): Problem {
  const place = placeOf(nodeAt(tests.node, ['flow']) ?? tests.node)
  return problem(
    'cli.unknown-flow',
    { flow: tests.flow, nearest: nearest(tests.flow, [...flows.keys()], Infinity) ?? '—' },
    place,
  )
}

/** The steps that faults and expectations name. */
function checkNames({ cases }: TestFile, flow: Flow): Problem[] {
  const names = [...callsOf(flow).keys()]
  return cases.flatMap(({ faults = {}, expect, node }) => {
    const named = [
      ...Object.keys(faults)
        .filter((one) => !one.includes('/'))
        .map((key) => ({ step: key, key, within: nodeAt(node, ['faults']) })),
      ...Object.keys(expect.calls ?? {}).map((key) => {
        return { step: key.replace(/\.undo$/, ''), key, within: nodeAt(node, ['expect', 'calls']) }
      }),
    ]
    return named
      .filter(({ step }) => !names.includes(step))
      .map(({ step, key, within }) => {
        const parameters = { step, nearest: nearest(step, names, Infinity) ?? '—' }
        return problem('test.unknown-step', parameters, placeOfKey(within ?? node, key))
      })
  })
}

/** What each call of a flow is made to, by name of its step. */
export function callsOf({ steps }: { readonly steps: readonly Step[] }): ReadonlyMap<string, CallTarget> {
  return new Map(
    [...everyStep(steps)].flatMap((step) => (step.kind === 'call' ? [[step.name, step.call] as const] : [])),
  )
}

/** Every connection a flow calls, to do or to undo. */
export function connectionsOf({ steps }: { readonly steps: readonly Step[] }): ReadonlySet<string> {
  const calls = [...everyStep(steps)].filter((step) => step.kind === 'call')
  return new Set(calls.flatMap(({ call, undo }) => [call.connection, ...(undo ? [undo.call.connection] : [])]))
}
