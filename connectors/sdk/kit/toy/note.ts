import { Decimal, isRecord, type Value, type ValueRecord } from '@shuniu/contracts'
import { canonicalJson } from '@shuniu/infra/json'
import { CallFailure } from '@shuniu/infra/outbound'
import { z } from 'zod'
import { defineOperation, type Found, type SendContext } from '../../operation.ts'
import { decimal } from '../../schema.ts'
import { call, fail, logIn, text, textOf, type Toy } from './site.ts'

const input = z.strictObject({
  day: z.string(),
  lines: z.array(z.strictObject({ account: z.string(), amount: decimal() })),
})
const output = z.strictObject({ id: z.string() })

type Has = Toy['has']

const save = async (link: Toy, body: ValueRecord, context: SendContext) => ({
  id: textOf(await call(link, 'POST', '/notes', body, context), 'id'),
})

/** Saves a note; the toy's one operation. */
export function noteSave(has: Has) {
  return defineOperation<Toy, z.output<typeof input>, z.output<typeof output>>({
    title: text('Save a note', '保存便条'),
    input,
    output,
    effect: 'money',
    grade: has('promises look-ups it does not have') ? 'C' : 'B',
    timeout: '5s',
    quarantine: '10s',
    lookUps: { times: 2, apart: '1s' },
    reference: 'the field reference',
    ready: async (link) => void (link.token ?? (await logIn(link))),
    prepare: async (_, { day, lines }, reference) => ({ is: 'body', body: { reference, day, lines } }),
    async send(link, body, _reference, context) {
      try {
        return await save(link, body, context)
      } catch (failure) {
        if (!(failure instanceof CallFailure)) throw failure
        if (failure.failureClass === 'auth') link.token = undefined
        if (failure.failureClass === 'ambiguous' && has('repeats a send by itself'))
          return againSomehow(link, body, failure)
        if (failure.code === 'http.reset' && has('takes a reset for harmless')) throw fail('busy', true, 'reset')
        throw failure
      }
    },
    async find(link, reference) {
      const rows = await call(link, 'GET', `/notes?reference=${reference}&reference=SOMEBODY`)
      const notes = (Array.isArray(rows) ? rows : []).map(toFound)
      const found = notes.filter((one) => textOf(one.document, 'reference') === reference)
      return { found, proven: has('proves from an empty answer') || notes.length > 0 }
    },
    fingerprint: (body) => moneyOf(body, has),
    fingerprintFound: ({ document }) => moneyOf(document, has),
    outputOf: ({ id }) => ({ id }),
    describe: (body) => ({ text: `note of ${textOf(body, 'day')}` }),
  })
}

/** What the mistake does: the same send once more, behind the ledger's back. */
async function againSomehow(link: Toy, body: ValueRecord, failure: CallFailure): Promise<{ id: string }> {
  const permit = await link.ground.outbound.place('note.save')
  const { clock } = link.ground
  await save(link, body, {
    permit,
    timeout: 1_000,
    sendBy: { uptime: clock.uptime() + 1_000, wall: clock.now() + 1_000 },
  })
  throw failure
}

function toFound(row: Value): Found {
  const document = isRecord(row) && isRecord(row['body']) ? row['body'] : {}
  return { id: textOf(row, 'id'), number: textOf(row, 'number'), status: 'kept', document }
}

function moneyOf(body: ValueRecord, has: Has): string {
  const rows = Array.isArray(body['lines']) ? body['lines'] : []
  const lines = rows.map((line: Value) => {
    const amount = has('is blind to amounts') ? '' : new Decimal(textOf(line, 'amount') || '0').toString()
    return canonicalJson([textOf(line, 'account'), amount])
  })
  return [textOf(body, 'day'), ...(has('minds the order of lines') ? lines : lines.toSorted())].join(' ')
}
