import { problem, type Place, type Problem } from '@shuniu/contracts'
import { everyStep, nodeAt, placeOf, type FlowFile, type YamlNode } from '@shuniu/infra/config'
import type { FlowPlan, Trigger } from './plan.ts'

/** What a flow emits, and because of what. A higher revision of what starts it undoes the lower ones, so it emits that too. */
export function triggersOf(file: FlowFile): readonly Trigger[] {
  return [...everyStep(file.steps)].flatMap((step): Trigger[] => {
    if (step.kind === 'emit') return [{ on: file.on, emits: step.emit, place: placeAt(step.node, 'emit') }]
    if (step.kind !== 'call' || step.undo?.emit === undefined) return []
    const { on, emit: emits, node } = step.undo
    return [on, file.on].map((cause) => ({ on: cause, emits, place: placeAt(node, 'emit') }))
  })
}

/** Where the value of a key is written. */
export function placeAt(node: YamlNode, key: string): Place {
  return placeOf(nodeAt(node, [key]) ?? node)
}

/** A flow may emit neither what starts it nor what takes its documents back. */
export function selfTriggers(file: FlowFile, triggers: readonly Trigger[], undoOn: ReadonlySet<string>): Problem[] {
  const places = new Map(
    triggers.filter(({ emits }) => emits === file.on || undoOn.has(emits)).map(({ emits, place }) => [place, emits]),
  )
  return [...places].map(([place, type]) => problem('flow.self-trigger', { type }, place))
}

interface Edge extends Trigger {
  readonly flow: string
}

/** Checks flows together: several that trigger each other in a circle would run for ever. Each circle once. */
export function checkFlows(plans: readonly Pick<FlowPlan, 'name' | 'triggers'>[]): readonly Problem[] {
  const edges = plans.flatMap(({ name, triggers }) => triggers.map((trigger): Edge => ({ ...trigger, flow: name })))
  const told = new Set<string>()
  return edges.flatMap((edge) => {
    const circle = wayBack(edge, edges)
    const flows = circle?.map(({ flow }) => flow) ?? []
    const name = [...new Set(flows)].toSorted().join()
    if (!circle || told.has(name)) return []
    told.add(name)
    const shown = [...circle.map(({ flow, emits }) => `${flow} → ${emits}`), edge.flow].join(' → ')
    return [problem('flow.circle', { circle: shown }, edge.place)]
  })
}

/** The shortest chain of emissions that begins with `first` and comes back to what caused it. */
function wayBack(first: Edge, edges: readonly Edge[]): readonly Edge[] | undefined {
  const seen = new Set<Edge>([first])
  const ways: (readonly Edge[])[] = [[first]]
  for (const way of ways) {
    const { emits } = way.at(-1) ?? first
    if (emits === first.on) return way
    for (const next of edges) {
      if (next.on !== emits || seen.has(next)) continue
      seen.add(next)
      ways.push([...way, next])
    }
  }
  return undefined
}
