import { compileProject, checkingGround, flowGround, type OpenProject } from './project.ts'

/** Topics of the events that a project's connections and flows make, and that its flows want; sorted. */
export function neededTopics(open: OpenProject): readonly string[] {
  const { plans } = compileProject(open, flowGround(open, checkingGround(open, undefined)))
  const types = new Set([
    ...[...open.project.connections.values()].flatMap(({ events = [] }) => events.map(({ emit }) => emit)),
    ...plans.flatMap(({ on, undoOn, triggers }) => [on, ...undoOn, ...triggers.map(({ emits }) => emits)]),
  ])
  return [...new Set(open.contracts.flatMap(({ type, topic }) => (types.has(type) ? topic : [])))].toSorted()
}
