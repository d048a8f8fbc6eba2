import { compatibilityLevels, HubError, type CompatibilityLevel } from '@shuniu/contracts'
import { commitAudited } from '@shuniu/infra/store'
import type { RegistryGround } from './subjects.ts'

/** What may be done with a subject. Others that Confluent knows (IMPORT, FORWARD) are for registries that give ids. */
export const modes = ['READWRITE', 'READONLY'] as const
export type Mode = (typeof modes)[number]

interface Rule {
  readonly compatibility: CompatibilityLevel | undefined
  readonly mode: Mode | undefined
}

const everywhere = ''

/** Compatibility level and mode, of all subjects (no name) and of single ones. */
export class Rules {
  constructor(private readonly ground: RegistryGround) {}

  /** What was set for exactly this subject, or for all. */
  async of(subject: string | undefined): Promise<Rule> {
    const [row] = await this.ground.store.select('subject_rules', { subject: subject ?? everywhere })
    return { compatibility: known(row?.compatibility), mode: modes.find((mode) => mode === row?.mode) }
  }

  async level(subject: string | undefined): Promise<CompatibilityLevel> {
    const own = subject === undefined ? undefined : (await this.of(subject)).compatibility
    return own ?? (await this.of(undefined)).compatibility ?? 'BACKWARD'
  }

  async mode(subject: string | undefined): Promise<Mode> {
    const own = subject === undefined ? undefined : (await this.of(subject)).mode
    return own ?? (await this.of(undefined)).mode ?? 'READWRITE'
  }

  /** Throws `registry.invalid-level`. */
  async setLevel(subject: string | undefined, level: unknown, actor: string): Promise<CompatibilityLevel> {
    const compatibility = known(level)
    if (!compatibility)
      throw new HubError('registry.invalid-level', { level: shown(level), levels: compatibilityLevels.join(', ') })
    await this.set(subject, { compatibility }, `compatibility ${compatibility}`, actor)
    return compatibility
  }

  /** Throws `registry.invalid-mode`. */
  async setMode(subject: string | undefined, written: unknown, actor: string): Promise<Mode> {
    const mode = modes.find((one) => one === written)
    if (!mode) throw new HubError('registry.invalid-mode', { mode: shown(written), modes: modes.join(', ') })
    await this.set(subject, { mode }, `mode ${mode}`, actor)
    return mode
  }

  async clear(subject: string | undefined, what: 'compatibility' | 'mode', actor: string): Promise<void> {
    await this.set(subject, { [what]: null }, `no own ${what}`, actor)
  }

  /** Sets what is named and nothing else: two that set level and mode at once do not undo each other. */
  private async set(
    subject = everywhere,
    change: Partial<Record<'compatibility' | 'mode', string | null>>,
    detail: string,
    actor: string,
  ): Promise<void> {
    const row = { subject, ...change }
    const line = { actor, action: 'registry', target: subject || 'all subjects', reason: '', detail }
    const outcome = await commitAudited(this.ground, line, [{ upsert: 'subject_rules', row }])
    if (outcome !== 'done') throw new HubError('registry.not-kept')
  }
}

function known(level: unknown): CompatibilityLevel | undefined {
  return compatibilityLevels.find((one) => one === level)
}

function shown(written: unknown): string {
  return typeof written === 'string' ? written.slice(0, 64) : '?'
}
