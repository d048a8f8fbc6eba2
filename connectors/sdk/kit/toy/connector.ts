import { Decimal, Instant, isDecimal, isRecord, type Value, type ValueRecord } from '@shuniu/contracts'
import { canonicalJson, parseJson, writeJson } from '@shuniu/infra/json'
import { CallFailure, type HttpAnswer } from '@shuniu/infra/outbound'
import { z } from 'zod'
import { defineConnector, type ConnectorDefinition, type FailureRule, type Ground } from '../../connector.ts'
import { defineOperation, type Found, type SendContext } from '../../operation.ts'
import { decimal, secret } from '../../schema.ts'
import type { Handed, Reading, Source } from '../../source.ts'

/** Mistakes a connector can have; the kit has to find each. */
export const mistakes = [
  'proves from an empty answer',
  'takes a reset for harmless',
  'takes a refusal for doubt',
  'repeats a send by itself',
  'forgets the last moment',
  'is blind to amounts',
  'minds the order of lines',
  'takes a revocation for a payment',
  'sweeps nothing and gives no reason',
  'logs its key',
  'shows its key in errors',
  'leaves its key unmarked',
  'speaks one language',
  'promises look-ups it does not have',
] as const
export type Mistake = (typeof mistakes)[number]

const text = (en: string, zh: string) => ({ en, zh })
const rule = (failureClass: FailureRule['class'], en: string, zh: string): FailureRule => ({
  class: failureClass,
  message: text(en, zh),
  help: text(`About: ${en}`, `处理：${zh}`),
})
const failures = {
  token: rule('auth', 'token expired', '令牌过期'),
  key: rule('fatal', 'wrong key', '密钥错误'),
  refused: rule('invalid', 'refused: {message}', '被拒绝：{message}'),
  busy: rule('throttled', 'too many calls', '调用过多'),
  unclear: rule('ambiguous', 'unclear', '不明确'),
}

interface Toy {
  readonly ground: Ground
  readonly url: string
  readonly key: string
  readonly has: (mistake: Mistake) => boolean
  token: string | undefined
}

const input = z.strictObject({
  day: z.string(),
  lines: z.array(z.strictObject({ account: z.string(), amount: decimal() })),
})
const output = z.strictObject({ id: z.string() })

/** A small connector with at most one mistake. */
export function toyConnector(
  mistake?: Mistake,
  parts: { sources?: false; operations?: false } = {},
): ConnectorDefinition<{ url: string; key: string }, Toy> {
  const has = (one: Mistake): boolean => one === mistake
  const key = secret('The key.', '${env:TOY_KEY}')
  const unmarked = z.string().meta({ description: 'The key.', examples: ['abc'] })
  return defineConnector<{ url: string; key: string }, Toy>({
    name: 'toy',
    title: text('Toy', has('speaks one language') ? 'Toy' : '玩具'),
    summary: text('For the kit’s own tests.', '用于验收套件自身的测试。'),
    settings: z.strictObject({
      url: z.string().meta({ description: 'Address.', examples: ['https://toy.example.com'] }),
      key: has('leaves its key unmarked') ? unmarked.meta({ examples: ['abc'] }) : key,
    }),
    addresses: ({ url }) => [url],
    limits: () => ({ concurrency: 4, perSecond: 0, perMonth: 0 }),
    open: (settings, ground) => ({ ground, ...settings, has, token: undefined }),
    sources: parts.sources === false ? {} : { approval: approvals(has) },
    hooks:
      parts.sources === false
        ? {}
        : {
            push: {
              title: text('Push', '推送'),
              open: () => () => ({ is: 'refused', status: 401, because: 'nobody signs here' }),
            },
          },
    operations: parts.operations === false ? {} : { 'note.save': noteSave(has) },
    failures,
    budget: () => ({ perMonth: 0, lines: [{ what: 'note.save', calls: 3100 }] }),
    check: async (link) => [await checkKey(link)],
    discover: async () => ({ forms: [], lists: { account: [] } }),
  })
}

const fail = (name: keyof typeof failures, changes: boolean, message: string): CallFailure => {
  const { class: declared } = failures[name]
  return new CallFailure(declared === 'ambiguous' && !changes ? 'transient' : declared, {
    code: `toy.${name}`,
    message,
  })
}

async function call(link: Toy, method: 'GET' | 'POST', path: string, body?: Value, send?: SendContext): Promise<Value> {
  const { sendBy, ...rest } = send ?? {}
  const answer = await link.ground.outbound.call({
    operation: path,
    method,
    url: `${link.url}${path}`,
    headers: { 'x-token': link.token ?? '', 'x-key': link.key },
    timeout: 5_000,
    changes: send !== undefined,
    ...rest,
    ...(sendBy && !link.has('forgets the last moment') ? { sendBy } : {}),
    ...(body === undefined ? {} : { body: writeJson(body) }),
  })
  return understand(link, answer, send !== undefined)
}

function understand(link: Toy, answer: HttpAnswer, changes: boolean): Value {
  const words = answer.text.slice(0, 80)
  const said = link.has('shows its key in errors') ? words : words.replaceAll(link.key, '•••')
  if (answer.status === 401) throw fail('token', changes, said)
  if (answer.status === 403) throw fail('key', changes, said)
  if (answer.status === 429) throw fail('busy', changes, said)
  if (answer.status === 422) throw fail(link.has('takes a refusal for doubt') ? 'unclear' : 'refused', changes, said)
  try {
    if (answer.status === 200) return parseJson(answer.text)
  } catch {
    // Falls through: what cannot be read is unclear.
  }
  throw fail('unclear', changes, said)
}

async function logIn(link: Toy): Promise<void> {
  if (link.has('logs its key')) link.ground.log.info('toy.login', { key: link.key })
  link.ground.log.info('toy.login', {})
  link.token = textOf(await call(link, 'GET', '/token'), 'token')
}

async function checkKey(link: Toy) {
  const what = text('The key works', '密钥有效')
  const ok = await logIn(link).then(
    () => true,
    () => false,
  )
  return ok ? { ok, what } : { ok, what, help: failures.key.help }
}

const textOf = (value: Value | undefined, name: string): string => {
  const member = isRecord(value) ? value[name] : undefined
  return typeof member === 'string' || isDecimal(member) ? member.toString() : ''
}

type Has = Toy['has']

function noteSave(has: Has) {
  const save = async (link: Toy, body: ValueRecord, context: SendContext) => ({
    id: textOf(await call(link, 'POST', '/notes', body, context), 'id'),
  })
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
          return againSomehow(link, body, save, failure)
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
async function againSomehow(
  link: Toy,
  body: ValueRecord,
  save: (link: Toy, body: ValueRecord, context: SendContext) => Promise<{ id: string }>,
  failure: CallFailure,
): Promise<{ id: string }> {
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

function approvals(has: Has): Source<Toy> {
  const handed = (id: string): Handed => ({ source: 'approval', key: `sweep:${id}`, subject: id, form: 'F', body: id })
  const list = async (link: Toy): Promise<Handed[]> => {
    await (link.token ?? logIn(link))
    const rows = await call(link, 'GET', '/approvals')
    return (Array.isArray(rows) ? rows : []).map((row: Value) => handed(textOf(row, 'id')))
  }
  return {
    title: text('Approvals', '审批'),
    documentType: () => ({ kind: 'record', fields: {} }),
    async read(link, { subject }) {
      await (link.token ?? logIn(link))
      return readingOf(await call(link, 'GET', `/approvals/${subject}`), has)
    },
    sweep: has('sweeps nothing and gives no reason')
      ? { none: ' ' }
      : { rhythm: [{ window: 7_200_000, every: 3_600_000 }], page: async (link) => ({ handed: await list(link) }) },
    sample: async (link, _form, last) => (await list(link)).slice(-last),
  }
}

function readingOf(row: Value, has: Has): Reading {
  const [id, root, said] = [textOf(row, 'id'), textOf(row, 'root'), textOf(row, 'kind')]
  const kind = said === 'revoke' && !has('takes a revocation for a payment') ? said : said === 'modify' ? said : 'new'
  const at = new Instant(Number(textOf(row, 'at')))
  const document = { form: 'F', id, root, kind, number: id, final: true, at, version: said, values: {} } as const
  // In the toy every change comes before the revocation, and everything of a chain happens at once.
  return { is: 'document', document: { ...document, rootAt: new Instant(0), agreedChanges: kind === 'new' ? 0 : 1 } }
}
