import { resolve, type Repository, type Violation } from './repository.ts'

/** Files that import each other in a circle, types included: each circle once, as the way round. */
export function cycles(repository: Repository): Violation[] {
  const graph = new Map(
    repository.sources.map(({ path, imports }): [string, string[]] => [
      path,
      imports.flatMap(({ specifier }) => {
        const target = resolve(repository, path, specifier)
        return target.is === 'file' ? [target.path] : []
      }),
    ]),
  )
  return circlesIn(graph).map((way) => `${way.join(' → ')} → ${way[0]}: files import each other in a circle`)
}

/** Depth first: a file met again while it is still open closes a circle. */
export function circlesIn(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const circles: string[][] = []
  const open: string[] = []
  const done = new Set<string>()
  const enter = (file: string): void => {
    if (done.has(file)) return
    const start = open.indexOf(file)
    if (start !== -1) {
      circles.push(open.slice(start))
      return
    }
    open.push(file)
    for (const next of graph.get(file) ?? []) enter(next)
    open.pop()
    done.add(file)
  }
  for (const file of graph.keys()) enter(file)
  return circles
}
