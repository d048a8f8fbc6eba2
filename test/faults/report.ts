import type { Outcome } from './outcome.ts'
import { phases } from './phases.ts'

/** True when nothing was found and every quota was met. */
export function isClean({ verdict }: Outcome): boolean {
  return verdict.findings.length === 0 && verdict.violations.length === 0
}

/** The figures of a campaign, one a line. */
export function tableOf(outcome: Outcome): string {
  const { kills, quotas, freezes, withdrawals, faults, verdict, start } = outcome
  const { proof } = verdict
  const all = Object.values(kills).reduce((sum, one) => sum + one, 0)
  const rows: [string, string | number][] = [
    ['seed', outcome.seed],
    ['seconds', outcome.seconds],
    ['kills', all],
    ...phases.map((phase): [string, string] => [`  while ${phase}`, `${kills[phase]} (at least ${quotas[phase]})`]),
    ['  between', kills.between],
    ['  of all, between row and write', outcome.killedBeforeWrite],
    ['  more, while it started', outcome.killedStarting],
    ['freezes before a write', `${freezes.before} (at least ${freezes.quota}; ${freezes.killed} ended by a kill)`],
    ['freezes inside a write', freezes.inside],
    ['sends held back, too late', verdict.heldBack],
    ['approvals', proof.approvals],
    [
      'withdrawn before · in doubt · after',
      `${withdrawals.before} · ${withdrawals['in doubt']} · ${withdrawals.after}`,
    ],
    ['executed, then timed out', faults['execute-then-timeout'] ?? 0],
    ['executed late', faults['late'] ?? 0],
    ['  landed after a look-up', verdict.landedAfterLookUp],
    ['duplicate pushes', faults['duplicate-push'] ?? 0],
    ['vouchers · reversed', `${proof.vouchers} · ${proof.reversed}`],
    ['in doubt, settled without a person', proof.inDoubtResolved],
    [
      'effects of money, at the end',
      Object.entries(verdict.effects)
        .map(([state, count]) => `${count} ${state}`)
        .join(' · '),
    ],
    ['sent again after shown absent', verdict.resent],
    ['calls that change something', `${outcome.calls}, the slowest ${outcome.longestWay} ms after its row`],
    ['calls cut inside the write', outcome.incomplete],
    ['calls later than sendBy, or without a row', verdict.violations.length],
    ['start of the hub, median · longest', `${start.median} · ${start.longest} ms`],
    ['drained in', `${verdict.drainedIn} s`],
    ['lost · doubled · parked', `${proof.lost} · ${proof.doubled} · ${proof.parked.length}`],
  ]
  const width = Math.max(...rows.map(([name]) => name.length))
  return rows.map(([name, value]) => `${name.padEnd(width + 2)}${value}`).join('\n')
}

export function findingsOf({ verdict }: Outcome): readonly string[] {
  return [...verdict.findings, ...verdict.missed]
}
