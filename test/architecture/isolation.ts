import { resolve, type Repository, type SourceFile, type Violation } from './repository.ts'
import { isForTests } from './roles.ts'
import type { Import } from './syntax.ts'

/**
 * A simulator is written from the vendor's facts alone: it shares no code with its connector, nor with anything the
 * connector stands on except the simulator kit. And a connector knows no simulator; its tests may.
 */
export function simulators(repository: Repository): Violation[] {
  const inside = within(repository, /^(connectors\/(?!sdk\/)[^/]+\/simulator)\//, ({ specifier }) => {
    const isOurs = specifier.startsWith('@shuniu/') && specifier !== '@shuniu/sdk/simulator'
    return isOurs ? 'a simulator uses nothing of ours but @shuniu/sdk/simulator' : undefined
  })
  return [...inside, ...repository.sources.flatMap((file) => outside(repository, file))]
}

function outside(repository: Repository, { path, imports }: SourceFile): Violation[] {
  if (path.includes('/simulator/') || isForTests(path)) return []
  return imports.flatMap(({ specifier, line }) => {
    const target = resolve(repository, path, specifier)
    const isSimulator = target.is === 'file' && /^connectors\/(?!sdk\/)[^/]+\/simulator\//.test(target.path)
    return isSimulator && !path.startsWith('services/hub/')
      ? [`${path}:${line} nothing but the hub knows a simulator`]
      : []
  })
}

/** Where the proof that nothing was lost or doubled is computed. */
export const proofFolder = 'services/hub/proof'

/** The proof trusts nothing that it judges: it imports Node and itself. */
export function proof(repository: Repository): Violation[] {
  return within(repository, new RegExp(`^(${proofFolder})/`), ({ specifier }) =>
    specifier.startsWith('node:') ? undefined : 'the proof imports nothing but node:',
  )
}

/** In the folder of the first group of `place`: relative imports stay inside, the others are judged. Tests are free to compare. */
function within(repository: Repository, place: RegExp, judge: (found: Import) => string | undefined): Violation[] {
  return repository.sources.flatMap(({ path, imports }) => {
    const folder = place.exec(path)?.[1]
    if (folder === undefined || path.endsWith('.test.ts')) return []
    return imports.flatMap((found) => {
      const target = resolve(repository, path, found.specifier)
      const isInside = target.is === 'file' && target.path.startsWith(`${folder}/`)
      const breach = isInside ? undefined : found.specifier.startsWith('.') ? `${folder} stands alone` : judge(found)
      return breach === undefined ? [] : [`${path}:${found.line} ${breach}: ${found.specifier}`]
    })
  })
}
