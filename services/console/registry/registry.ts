import { HubError, readersHurt, type CompatibilityLevel } from '@shuniu/contracts'
import { Rules } from './rules.ts'
import { breaksOf, readSchema, sameAs, Subjects, type Given, type Hidden, type Version } from './subjects.ts'
import type { RegistryGround } from './subjects.ts'

/** Who asks, as the rules of access know it. */
export interface Caller {
  /** What stock serializers do by default needs a deploy step's rights: everything that changes the registry. */
  readonly mayRegister: boolean
  /** For the audit log. */
  readonly actor: string
}

export interface RegistryPorts extends RegistryGround {
  /** Names of the flows that read a topic: whom a break hurts in this hub. */
  readersOf(topic: string): Promise<readonly string[]> | readonly string[]
}

/** How often a registration begins again because another one came between. */
const attempts = 10

/** What the registry does, apart from HTTP. Every failure is a `HubError` of `registry.*`. */
export class Registry {
  readonly subjects: Subjects
  readonly rules: Rules

  constructor(private readonly ports: RegistryPorts) {
    this.subjects = new Subjects(ports)
    this.rules = new Rules(ports)
  }

  /**
   * Answers with the version that a subject has this schema as. One that is there already needs no right: a stock
   * serializer asks so before it writes. Whoever may not register is content with one of the same meaning.
   */
  async register(subject: string, written: string, caller: Caller, normalize: boolean): Promise<Version> {
    const given = readSchema(written)
    for (let attempt = 0; attempt < attempts; attempt++) {
      const next = await this.subjects.next(subject)
      const versions = await this.subjects.versions(subject)
      const there = sameAs(given, versions, normalize || !caller.mayRegister)
      if (there) return there
      await this.refuseToAdd(subject, given, versions, caller)
      const added = await this.subjects.add(subject, next, given, caller.actor)
      if (added) return added
    }
    throw new HubError('registry.not-kept')
  }

  private async refuseToAdd(subject: string, given: Given, versions: Version[], caller: Caller): Promise<void> {
    if (!caller.mayRegister) throw new HubError('registry.not-permitted', { subject })
    if ((await this.rules.mode(subject)) === 'READONLY') throw new HubError('registry.read-only', { subject })
    const level = await this.rules.level(subject)
    const breaks = await this.breaks(subject, given, versions, level)
    if (breaks.length > 0) throw new HubError('registry.incompatible', { subject, level, breaks: breaks.join(' ') })
  }

  /** Sentences of what a schema breaks and for whom; none when it may follow these versions. */
  async breaks(
    subject: string,
    given: Given,
    versions: readonly Version[],
    level: CompatibilityLevel,
  ): Promise<readonly string[]> {
    const found = breaksOf(given, versions, level)
    if (found.length === 0) return []
    const flows = await this.ports.readersOf(subject.replace(/-(key|value)$/, ''))
    return [...found.map(({ error }) => error.message), `This breaks ${readersHurt(found, flows).join(', ')}.`]
  }

  /** The version that has this schema, or one of the same meaning. Throws `registry.no-subject`, `registry.no-schema`. */
  async find(subject: string, written: string, hidden: Hidden): Promise<Version> {
    const given = readSchema(written)
    const versions = await this.subjects.versions(subject, hidden)
    if (versions.length === 0) throw new HubError('registry.no-subject', { subject })
    return sameAs(given, versions, true) ?? refuse(new HubError('registry.no-schema'))
  }

  /** A version by its number, `latest` or -1. Throws `registry.no-subject`, `registry.no-version`, `registry.invalid-version`. */
  async version(subject: string, wanted: string, hidden: Hidden = 'without deleted'): Promise<Version> {
    const isLatest = wanted === 'latest' || wanted === '-1'
    const number = Number(wanted)
    if (!isLatest && !(/^\d{1,10}$/.test(wanted) && number > 0 && number < 2 ** 31)) {
      throw new HubError('registry.invalid-version', { version: wanted.slice(0, 64) })
    }
    const versions = await this.subjects.versions(subject, hidden)
    if (versions.length === 0) throw new HubError('registry.no-subject', { subject })
    const found = isLatest ? versions.at(-1) : versions.find(({ version }) => version === number)
    return found ?? refuse(new HubError('registry.no-version', { version: wanted }))
  }

  /** Hides a subject, or takes a hidden one away for good; answers with its versions. */
  async removeSubject(subject: string, forGood: boolean, { actor }: Caller): Promise<number[]> {
    const all = await this.subjects.versions(subject, 'with deleted')
    if (all.length === 0) throw new HubError('registry.no-subject', { subject })
    const there = all.filter(({ deleted }) => !deleted)
    if (forGood && there.length > 0) throw new HubError('registry.subject-not-deleted', { subject })
    if (!forGood && there.length === 0) throw new HubError('registry.subject-deleted', { subject })
    const versions = (forGood ? all : there).map(({ version }) => version)
    await this.subjects.remove(subject, versions, forGood, actor)
    return versions
  }

  async removeVersion(subject: string, wanted: string, forGood: boolean, { actor }: Caller): Promise<number> {
    const hidden = wanted === 'latest' && !forGood ? 'without deleted' : 'with deleted'
    const { version, deleted } = await this.version(subject, wanted, hidden)
    if (forGood && !deleted) throw new HubError('registry.version-not-deleted', { subject, version })
    if (!forGood && deleted) throw new HubError('registry.version-deleted', { subject, version })
    await this.subjects.remove(subject, [version], forGood, actor)
    return version
  }
}

function refuse(error: HubError): never {
  throw error
}
