import type { FailureClass, FieldType, Instant, Text, Day } from '@shuniu/contracts'
import type { BudgetPlan } from '@shuniu/infra/outbound'
import type { z } from 'zod'
import type { FormDescription } from './form.ts'
import type { Ground } from './ground.ts'
import type { Operation } from './operation.ts'
import type { Hook, Source, Stream } from './source.ts'

/** How the hub treats one kind of refusal. The code in the table is `<connector>.<name>`. */
export interface FailureRule {
  readonly class: FailureClass
  /** The sentence; `{message}` is the vendor's own words. */
  readonly message: Text
  /** What the operator does about it, with the menu path where known. */
  readonly help: Text
}

/** One finding of `connection check`: a permission, a limit, a setting. */
export interface CheckFinding {
  readonly ok: boolean
  readonly what: Text
  /** Where to grant or change it. */
  readonly help?: Text
}

export interface Discovery {
  readonly forms: readonly FormDescription[]
  /** Other lists worth showing: accounts, departments, users; rows of plain text columns. */
  readonly lists: Readonly<Record<string, readonly Readonly<Record<string, string>>[]>>
}

/** Answer of a period look-up: the day to book on. */
export interface OpenDay {
  readonly day: Day
  /** What the answer rests on, for the journal: `2026-03 closed, 2026-04 open`. */
  readonly version: string
}

/** Reads whether accounting periods are open. */
export interface Periods<Link> {
  /** The first open day from `day` on, in the same year; undefined when the year has none. */
  openDay(link: Link, book: string, day: Day): Promise<OpenDay | undefined>
  /** The same, if it can be said without asking the system; undefined when it cannot. */
  knownDay?(link: Link, book: string, day: Day): OpenDay | undefined
  isOpen(link: Link, book: string, day: Day): Promise<boolean>
}

/**
 * The whole of a connector. A folder with one such declaration, a simulator, tests and examples; nothing registers it elsewhere.
 * `Settings` are what a connection's YAML says, `Link` is one live session with the system.
 */
export interface ConnectorDefinition<Settings = unknown, Link = unknown> {
  readonly name: string
  readonly title: Text
  readonly summary: Text
  readonly settings: z.ZodType<Settings>
  /** Origins a connection may call: the addresses written in its settings, nothing else. */
  addresses(settings: Settings): readonly string[]
  /** Limits of the way out, defaults and what the settings say. */
  limits(settings: Settings): { concurrency: number; perSecond: number; perMonth: number }
  /** Builds the session object; makes no call yet. */
  open(settings: Settings, ground: Ground): Link
  close?(link: Link): Promise<void>
  readonly sources: Readonly<Record<string, Source<Link>>>
  readonly hooks: Readonly<Record<string, Hook<Settings>>>
  readonly stream?: Stream<Settings, Link>
  readonly operations: Readonly<Record<string, Operation<Link>>>
  readonly periods?: Periods<Link>
  readonly failures: Readonly<Record<string, FailureRule>>
  /** Expected calls a month for so many documents a day on so many forms. */
  budget(settings: Settings, expected: { documentsPerDay: number; forms: number }): BudgetPlan
  check(link: Link): Promise<readonly CheckFinding[]>
  discover(link: Link): Promise<Discovery>
}

/** Declares a connector; the value is the declaration itself, typed. */
export function defineConnector<Settings, Link>(
  definition: ConnectorDefinition<Settings, Link>,
): ConnectorDefinition<Settings, Link> {
  return definition
}

export type { FieldType, Instant }
