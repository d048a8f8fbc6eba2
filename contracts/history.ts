import { readdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { compatible, readersHurt } from './avro/compatible.ts'
import { parseSchemaText } from './avro/parse.ts'
import type { AvroSchema } from './avro/schema.ts'
import { inFile, parseContractText, type Contract } from './contract.ts'
import { contracts as shipped } from './contracts.ts'
import { HubError, problem, type Place, type Problem } from './errors.ts'

/** What a folder of contracts holds, and everything that is wrong with it. */
export interface LoadedContracts {
  readonly contracts: readonly Contract[]
  readonly problems: readonly Problem[]
}

/**
 * Reads the contracts of a project: `<type>.avsc` files in a folder, which need not exist.
 * @param known Contracts that are there already; a second one of a type or topic is a problem.
 */
export async function loadContracts(folder: string, known: readonly Contract[] = shipped): Promise<LoadedContracts> {
  const files = (await schemasIn(folder)).map((name) => join(folder, name))
  const read = files.map(async (file) => ({ file, text: await readFile(file, 'utf8') }))
  return readContracts(await Promise.all(read), known)
}

/** The same for files that have been read. */
export function readContracts(
  files: readonly { readonly file: string; readonly text: string }[],
  known: readonly Contract[] = shipped,
): LoadedContracts {
  const contracts: Contract[] = []
  const problems: Problem[] = []
  for (const { file, text } of files) {
    const [name, place] = [basename(file), at(file)]
    const read = parseContractText(text)
    problems.push(...read.problems.map((one) => inFile(one, placeOfProblem(one, file, text))))
    if (!read.contract) continue
    const { type } = read.contract
    if (name !== `${type}.avsc`) problems.push(problem('contract.file-name', { name, type }, place))
    if ([...known, ...contracts].some((one) => one.type === type))
      problems.push(problem('contract.twice', { type }, place))
    else contracts.push(read.contract)
  }
  return { contracts, problems }
}

/**
 * Compares the contracts of a folder with every version that was ever released: `released/<topic>/1.avsc`, `2.avsc` …
 * Released files are never changed; releasing is copying the current file there under the next number. A topic with the
 * next major version starts a history of its own.
 * @param flowsOn Names of the flows that read a type, so that a break says whom it hurts.
 */
export async function checkContracts(
  folder: string,
  flowsOn: (type: string) => readonly string[] = () => [],
): Promise<readonly Problem[]> {
  const { contracts, problems } = await loadContracts(folder, [])
  const released = await foldersIn(join(folder, 'released'))
  const vanished = released.filter((topic) => !contracts.some((one) => topic.startsWith(`${one.type}.v`)))
  const checked = await Promise.all(contracts.map((one) => checkHistory(folder, one, flowsOn(one.type))))
  return [
    ...problems,
    ...vanished.map((topic) => problem('contract.vanished', { topic }, at(join(folder, 'released', topic)))),
    ...checked.flat(),
  ]
}

async function checkHistory(folder: string, contract: Contract, flows: readonly string[]): Promise<Problem[]> {
  const place = at(join(folder, `${contract.type}.avsc`))
  const history = join(folder, 'released', contract.topic)
  const released: AvroSchema[] = []
  const problems: Problem[] = []
  for (const name of (await schemasIn(history)).toSorted((a, b) => Number.parseInt(a) - Number.parseInt(b))) {
    const file = join(history, name)
    const read = parseSchemaText(await readFile(file, 'utf8'))
    if (read.schema) released.push(read.schema)
    problems.push(...read.problems.map((one) => inFile(one, at(file))))
  }
  if (released.length === 0) problems.push(problem('contract.unreleased', { type: contract.type }, place, 'warning'))
  const breaks = compatible(released, contract.schema, contract.compatibility)
  const whom = readersHurt(breaks, flows).join(', ')
  const hurt = breaks.length === 0 ? [] : [problem('contract.hurts', { type: contract.type, whom }, place)]
  return [...problems, ...breaks.map(({ error }) => inFile({ severity: 'error', error }, place)), ...hurt]
}

/** Where the attribute stands that a problem names; what names none is a matter of the whole file. */
function placeOfProblem({ error: { parameters } }: Problem, file: string, text: string): Place {
  const { attribute } = parameters
  const group = text.indexOf('"shuniu"')
  const written = attribute === undefined || group === -1 ? -1 : text.indexOf(`"${attribute}"`, group)
  const before = text.slice(0, Math.max(group, written, 0)).split('\n')
  return attribute === undefined ? at(file) : { file, line: before.length, column: (before.at(-1) ?? '').length + 1 }
}

function at(file: string): Place {
  return { file, line: 1, column: 1 }
}

async function schemasIn(folder: string): Promise<string[]> {
  return (await entriesOf(folder))
    .filter((entry) => entry.isFile() && entry.name.endsWith('.avsc'))
    .map(({ name }) => name)
    .toSorted()
}

async function foldersIn(folder: string): Promise<string[]> {
  return (await entriesOf(folder))
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .toSorted()
}

async function entriesOf(folder: string): Promise<{ name: string; isFile(): boolean; isDirectory(): boolean }[]> {
  try {
    return await readdir(folder, { withFileTypes: true })
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw new HubError('contract.unreadable-folder', { folder }, { cause: error })
  }
}
