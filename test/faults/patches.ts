/** A fault planted in the product: this text of this file, which stands there exactly once, is replaced. */
export interface Patch {
  readonly file: string
  readonly replace: string
  readonly by: string
}

/** A ledger that is wrong in one way. */
export interface Mutant {
  readonly name: string
  readonly patches: readonly Patch[]
}

const send = 'services/orchestrator/ledger/send.ts'
const ledger = 'services/orchestrator/ledger/ledger.ts'
const recover = 'services/orchestrator/recover.ts'

/** Each of these must be found by the campaign. */
export const mutants: readonly Mutant[] = [
  {
    name: 'no look-up: what is in doubt is sent again',
    patches: [
      {
        file: send,
        replace: `  const settled = await settle(ground, hand, effect)\n`,
        by: `  const absent = { is: 'absent' as const, body: unpackRecord(effect.body) }
  const settled = effect.sends > 0 ? absent : await settle(ground, hand, effect)\n`,
      },
      {
        file: send,
        replace: `import { outputRecord, sendingColumns } from './rows.ts'\n`,
        by: `import { outputRecord, sendingColumns, unpackRecord } from './rows.ts'\n`,
      },
    ],
  },
  {
    name: 'no quarantine: absence counts at once',
    patches: [
      {
        file: 'services/orchestrator/ledger/doubt.ts',
        replace: `  const over = doubt.answerBy + rule.quarantine\n`,
        by: `  const over = 0 * (doubt.answerBy + rule.quarantine)\n`,
      },
    ],
  },
  {
    name: 'no row before the send: it is written after',
    patches: [
      {
        file: ledger,
        replace: `    const written = await writeEffect(this.ground.store, hand, existing, resync ? this.neverSent(row) : row)
    if (written.adopted || resync) return this.goOnWithout(permit, hand, written.effect)
    return send(this.ground, hand, written.effect, body, permit)
`,
        by: `    const sent = await transmit(hand, { ...row, id: 0 }, body, permit)
    const late = { ...row, sent_at: this.ground.clock.now() }
    const written = await writeEffect(this.ground.store, hand, existing, resync ? this.neverSent(row) : late)
    if (written.adopted || resync) return this.goOnWithout(permit, hand, written.effect)
    return send(this.ground, hand, written.effect, body, permit, sent)
`,
      },
      {
        file: ledger,
        replace: `import { send, settleEffect } from './send.ts'\n`,
        by: `import { send, settleEffect, transmit } from './send.ts'\n`,
      },
      {
        file: send,
        replace: `  permit: Permit,
): Promise<Output> {
  const sent = await transmit(hand, effect, body, permit)
`,
        by: `  permit: Permit,
  before?: ValueRecord | CallFailure,
): Promise<Output> {
  const sent = before ?? (await transmit(hand, effect, body, permit))
`,
      },
      { file: send, replace: `async function transmit(\n`, by: `export async function transmit(\n` },
    ],
  },
  {
    name: 'sendBy ignored: written however late it is',
    patches: [
      {
        file: 'infra/outbound/exchange.ts',
        replace: `    if (this.isLate()) return this.stop('http.late')\n`,
        by: `    if (this.isLate()) this.chunks = []\n`,
      },
    ],
  },
  {
    name: 'a seen-marker: what was begun counts as done',
    patches: [
      {
        file: recover,
        replace: `set: { state: 'in doubt' } }\n`,
        by: `set: { state: 'confirmed' } }\n`,
      },
      {
        file: recover,
        replace: `  for (const run of runs) takeUp(scheduler, clock, run)\n}\n`,
        by: `  for (const run of runs) {
    if (run.state !== 'running') takeUp(scheduler, clock, run)
    else
      await store.commit([
        { update: 'runs', where: { id: run.id }, set: { state: 'done', finished_at: clock.now() } },
        { count: 'deliveries.done', by: 1 },
      ])
  }
}\n`,
      },
    ],
  },
]

/** The text with the patch in it; fails when the source is not as the patch was written for. */
export function patched(text: string, { file, replace, by }: Patch): string {
  const places = text.split(replace).length - 1
  if (places !== 1) throw new Error(`${file} holds the text of a mutant ${places} times: write the mutant anew`)
  return text.replace(replace, () => by)
}
