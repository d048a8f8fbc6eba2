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

const ledger = 'services/orchestrator/ledger/ledger.ts'

/** Each of these must be found by the campaign. */
export const mutants: readonly Mutant[] = [
  {
    name: 'no look-up: what is in doubt is sent again',
    patches: [
      {
        file: ledger,
        replace: `    const body = unpackRecord(effect.body)
    const known = await this.knownDocument(hand)
`,
        by: `    const body = unpackRecord(effect.body)
    if (effect.look_ups >= 0) return this.sendAgain(hand, effect, body)
    const known = await this.knownDocument(hand)
`,
      },
    ],
  },
  {
    name: 'no quarantine: absence counts at once',
    patches: [
      {
        file: 'services/orchestrator/ledger/doubt.ts',
        replace: '  const over = doubt.answerBy + rule.quarantine\n',
        by: '  const over = 0 * (doubt.answerBy + rule.quarantine)\n',
      },
    ],
  },
  {
    name: 'no row before the send: it is written after',
    patches: [
      {
        file: ledger,
        replace: `    const effect = await this.write(hand, existing, { ...row, ...this.times(operation, 1) }, permit)
    if (effect.state !== 'sending' || effect.run !== run.row.id) return this.goOn(hand, effect)
    return this.send(hand, effect, prepared.body, permit)
`,
        by: `    const { sendBy } = sendTimes(this.ground, operation.timeout)
    const sent = await operation.definition
      .send(hand.connection.link, prepared.body, hand.reference, { sendBy, permit, timeout: operation.timeout })
      .then((output) => ({ output }), (error: unknown) => ({ error }))
    const effect = await this.write(hand, existing, { ...row, ...this.times(operation, 1) }, permit)
    if (effect.state !== 'sending' || effect.run !== run.row.id) return this.goOn(hand, effect)
    if ('error' in sent) return this.afterSend(hand, effect, asFailure(sent.error))
    return this.confirm(hand, effect, outputRecord(operation, sent.output))
`,
      },
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
        file: 'services/orchestrator/recover.ts',
        replace: `set: { state: 'in doubt' } })),`,
        by: `set: { state: 'confirmed' } })),`,
      },
      {
        file: 'services/orchestrator/recover.ts',
        replace: `  const runs = await store.select('runs', { open: ['queued', 'running', 'waiting', 'parked'] }, { order: { by: 'id' } })\n`,
        by: `  for (const { id } of await store.select('runs', { open: ['running'] }))
    await store.commit([
      { update: 'runs', where: { id }, set: { state: 'done', finished_at: clock.now() } },
      { count: 'deliveries.done', by: 1 },
    ])
  const runs = await store.select('runs', { open: ['queued', 'waiting', 'parked'] }, { order: { by: 'id' } })\n`,
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
