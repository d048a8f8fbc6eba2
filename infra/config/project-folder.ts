import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { HubError, problem, type Problem } from '@shuniu/contracts'
import type { z } from 'zod'
import { decode, type Decoded } from './decode.ts'
import { nodeAt, placeOf, type YamlNode } from './node.ts'
import { readText, reasonOf } from './text-file.ts'
import { readYaml, yamlLimits, type YamlFile, type YamlLimits } from './yaml.ts'

/** A file of the project: its path in the folder, with `/`, and what stands in it. */
export interface ProjectFile {
  readonly file: string
  readonly text: string
}

/** What people mean to be read; anything else in a folder is theirs. */
const LOOKS_MEANT = /\.(?:ya?ml|csv|avsc)$/i

/** Reads the files of one folder and keeps every problem it meets. */
export class ProjectFolder {
  readonly dir: string
  readonly problems: Problem[] = []

  constructor(dir: string) {
    this.dir = dir
  }

  /**
   * Names of the files `<name><suffix>` for each suffix, in order; a file belongs to its longest suffix. One that looks
   * meant to be read and is not is a warning.
   */
  async names(folder: string, ...suffixes: readonly string[]): Promise<string[][]> {
    const entries = (await this.list(folder)).filter((entry) => !entry.startsWith('.')).toSorted()
    const longestFirst = suffixes.toSorted((one, other) => other.length - one.length)
    const bySuffix = Map.groupBy(entries, (entry) => longestFirst.find((suffix) => entry.endsWith(suffix)))
    for (const stray of bySuffix.get(undefined) ?? []) {
      if (LOOKS_MEANT.test(stray)) this.stray(`${folder}/${stray}`, `${folder}/NAME${suffixes[0]}`)
    }
    return suffixes.map((suffix) => (bySuffix.get(suffix) ?? []).map((entry) => entry.slice(0, -suffix.length)))
  }

  stray(file: string, expected: string): void {
    this.problems.push(problem('config.stray-file', { file, expected }, { file, line: 1, column: 1 }, 'warning'))
  }

  async text(file: string, maxBytes: number): Promise<string | undefined> {
    const read = await readText(join(this.dir, file), file, maxBytes)
    this.problems.push(...read.problems)
    return read.text
  }

  /** A YAML file whose node is there; undefined when it has problems, which are kept. */
  async yaml(file: string, limits: YamlLimits = yamlLimits): Promise<(YamlFile & { node: YamlNode }) | undefined> {
    const text = await this.text(file, limits.bytes)
    if (text === undefined) return undefined
    const read = readYaml(text, file, limits)
    this.problems.push(...read.problems)
    return read.node ? { ...read, node: read.node } : undefined
  }

  async decoded<Schema extends z.ZodType>(
    file: string,
    schema: Schema,
    limits?: YamlLimits,
  ): Promise<{ value: z.output<Schema>; text: string } | undefined> {
    const read = await this.yaml(file, limits)
    const value = read && this.take(decode(read.node, schema))
    return value === undefined ? undefined : { value, text: read?.text ?? '' }
  }

  /** The value of a reading, its problems kept. */
  take<T>({ value, problems }: Decoded<T>): T | undefined {
    this.problems.push(...problems)
    return value
  }

  /** Files are found by their names, so what is inside has to say the same. */
  checkName(node: YamlNode, key: string, name: string, file: string): void {
    const written = nodeAt(node, [key])
    const said = written && 'value' in written ? String(written.value) : undefined
    if (written && said !== name) {
      this.problems.push(problem('config.name-differs', { file, name: said }, placeOf(written)))
    }
  }

  private async list(folder: string): Promise<string[]> {
    try {
      return await readdir(join(this.dir, folder))
    } catch (error) {
      const because = reasonOf(error)
      const place = { file: folder, line: 1, column: 1 }
      if (because !== 'ENOENT') {
        const unreadable = new HubError('config.unreadable', { file: folder, because }, { cause: error, place })
        this.problems.push({ severity: 'error', error: unreadable })
      }
      return []
    }
  }
}
