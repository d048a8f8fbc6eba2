import type { Row } from '@shuniu/infra/store'
import { parkedRun } from '../parked.ts'
import { skipWords, stateWords } from '../words.ts'
import { tellLookUps } from './tell-lookups.ts'
import type { Line, Teller } from './teller.ts'

/** How a run began, and what it looked up before anything was sent. */
export async function tellBeginning(run: Row<'runs'>, teller: Teller): Promise<Line[]> {
  const rows = teller.matter.journal.filter((row) => row.run === run.id)
  const lookUps = await Promise.all(rows.map(({ entries }) => tellLookUps(entries, run.created_at, teller)))
  return [begun(run, teller), ...lookUps.flat()]
}

function begun({ id, flow, version, kind, revision, created_at, event }: Row<'runs'>, { say }: Teller): Line {
  const text =
    kind === 'undo'
      ? say(
          `Flow ${flow} takes back what revision ${revision} and earlier ones made.`,
          `流程 ${flow} 开始撤回修订 ${revision} 及之前生成的单据。`,
        )
      : flow === ''
        ? say('No flow takes this event.', '没有流程处理此事件。')
        : say(`Flow ${flow} begins with revision ${revision}.`, `流程 ${flow} 开始处理（修订 ${revision}）。`)
  return { at: created_at, what: kind === 'undo' ? 'undo' : 'run', text, facts: { run: id, flow, version, event } }
}

/** How a run ended, or stands. */
export function tellStanding(run: Row<'runs'>, teller: Teller): Line {
  const { say, language } = teller
  const facts = { run: run.id, state: run.state, ...(run.reason === null ? {} : { reason: run.reason }) }
  const at = run.finished_at ?? lastSeen(run, teller)
  switch (run.state) {
    case 'done':
      return { at, what: 'done', text: say('Finished.', '处理完成。'), facts }
    case 'skipped': {
      const because = skipWords[run.reason ?? '']?.[language] ?? run.reason ?? ''
      return { at, what: 'skipped', text: say(`Nothing more is done: ${because}.`, `不再处理：${because}。`), facts }
    }
    case 'parked':
      return parked(run, at, teller, facts)
    default: {
      const word = stateWords[run.state]?.[language] ?? run.state
      return { at, what: run.state, text: say(`The run ${word}.`, `当前状态：${word}。`), facts }
    }
  }
}

function parked(run: Row<'runs'>, at: number, { matter, language, say, veil }: Teller, facts: Line['facts']): Line {
  const { message, next } = parkedRun(
    run,
    matter.effects.filter((one) => one.run === run.id),
    language,
  )
  const text = `${say('Waits for a person: ', '待人工处理：')}${veil.text(message)} ${next}`
  return { at, what: 'parked', text, facts: { ...facts, next } }
}

/** A run that has not ended stands where the last thing known of it happened. */
function lastSeen(run: Row<'runs'>, { matter }: Teller): number {
  const effects = matter.effects.filter((one) => one.run === run.id)
  const references = new Set(effects.map(({ reference }) => reference))
  const traces = matter.traces.filter(({ effect }) => references.has(effect)).map(({ at }) => at)
  return Math.max(
    run.created_at,
    ...effects.flatMap(({ sent_at, settled_at }) => [sent_at ?? 0, settled_at ?? 0]),
    ...traces,
  )
}

/** What people decided about it. */
export function tellDecision({ at, actor, action, reason, target }: Row<'audit'>, { say, veil }: Teller): Line {
  const text = say(`${actor}: ${action} — ${veil.text(reason)}`, `${actor}：${action} —— ${veil.text(reason)}`)
  return { at, what: 'decision', text, facts: { actor, action, target } }
}
