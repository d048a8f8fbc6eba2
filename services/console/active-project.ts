import { z } from 'zod'
import { actor, reason } from './input.ts'
import type { ConsolePorts } from './ports.ts'
import { timeOf } from './standing.ts'

const hash = z.string().regex(/^[\da-f]{64}$/)

export const shownProject = z.object({
  number: z.int().meta({ description: 'Raised with every change that is taken into use' }),
  running: z.int().meta({ description: 'The number this process runs' }),
  hash,
  actor: z.string(),
  appliedAt: z.iso.datetime(),
  files: z.record(z.string(), hash).meta({ description: 'SHA-256 of each file, by its path' }),
})
export const applyBody = z.strictObject({
  hash: hash.meta({ description: 'Of the files that are meant: another hash is refused' }),
  reason,
  actor,
})

/** The project in use: its number, and what its files are. */
export async function showProject({ project }: Pick<ConsolePorts, 'project'>): Promise<z.output<typeof shownProject>> {
  const { appliedAt, ...rest } = await project.active()
  return { ...rest, files: { ...rest.files }, appliedAt: timeOf(appliedAt) }
}

/** Takes the files as they stand now into use. Throws `project.*` for what cannot be. */
export async function applyProject(
  { project }: Pick<ConsolePorts, 'project'>,
  { hash: meant, ...decision }: z.output<typeof applyBody>,
): Promise<z.output<typeof shownProject>> {
  await project.apply(meant, decision)
  return showProject({ project })
}
