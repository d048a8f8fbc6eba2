import { z } from 'zod'
import type { Book } from './book.ts'
import { faultRule, faultTitles } from './faults.ts'
import type { FaultPlan } from './faults.ts'
import type { RequestLog, RequestRecord } from './requests.ts'
import { ActRefused } from './simulator.ts'
import type { SimAnswer, SimRequest, Simulator } from './simulator.ts'

/** What the control interface looks at and steers. */
export interface Controlled {
  readonly name: string
  readonly url: string
  readonly simulator: Simulator
  readonly book: Book
  readonly faults: FaultPlan
  readonly requests: RequestLog
}

/** A control request that cannot be answered: the status and what is wrong. */
class Refused extends Error {
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/** Answers `/_sim…`, the same for every simulator (design §9). Errors are `{error}`. */
export async function control(on: Controlled, request: SimRequest): Promise<SimAnswer> {
  try {
    return json(200, await route(on, request))
  } catch (error) {
    if (error instanceof Refused) return json(error.status, { error: error.message })
    if (error instanceof ActRefused) return json(409, { error: error.message })
    if (error instanceof z.ZodError) return json(400, { error: said(error), issues: error.issues })
    throw error
  }
}

/** `amount: an amount is a decimal such as 4326.50` */
function said({ issues }: z.ZodError): string {
  return issues
    .map(({ path, message }) => [...(path.length > 0 ? [path.join('.')] : []), message].join(': '))
    .join('; ')
}

const json = (status: number, body: unknown): SimAnswer => ({
  status,
  headers: { 'content-type': 'application/json; charset=utf-8' },
  body: JSON.stringify(body),
})

async function route(on: Controlled, request: SimRequest): Promise<unknown> {
  const { method, path, url } = request
  const act = /^\/_sim\/acts\/([^/]+)$/.exec(path)?.[1]
  if (act !== undefined && method === 'POST') return (await runAct(on, act, read(request))) ?? {}
  switch (`${method} ${path}`) {
    case 'GET /_sim':
      return overview(on)
    case 'GET /_sim/book':
      return on.book.list(url.searchParams.get('kind') ?? undefined)
    case 'GET /_sim/faults':
      return on.faults.list()
    case 'POST /_sim/faults':
      return addFault(on, read(request))
    case 'DELETE /_sim/faults':
      return { removed: on.faults.remove(number(url, 'id')) }
    case 'GET /_sim/requests':
      return requestsAfter(on, number(url, 'after') ?? 0)
    default:
      throw new Refused(404, `there is no ${method} ${path}; GET /_sim shows what there is`)
  }
}

function overview({ name, url, simulator }: Controlled): object {
  const acts = Object.entries(simulator.acts).map(([act, { title, input }]) => [act, { title, input: schema(input) }])
  return {
    name,
    url,
    ...simulator.describe(),
    acts: Object.fromEntries(acts),
    faults: faultTitles,
    fault: schema(faultRule),
    operations: simulator.operations,
  }
}

const schema = (input: z.ZodType): unknown => z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' })

async function runAct({ simulator }: Controlled, name: string, input: unknown): Promise<unknown> {
  const act = Object.hasOwn(simulator.acts, name) ? simulator.acts[name] : undefined
  if (!act) throw new Refused(404, `there is no act ${name}; there are ${Object.keys(simulator.acts).join(', ')}`)
  return act.run(act.input.parse(input))
}

/** Takes one rule or a list of them; a wrong one adds none. */
function addFault({ simulator, faults }: Controlled, input: unknown): unknown {
  const rules = z.array(faultRule).parse(Array.isArray(input) ? input : [input])
  const unknown = rules.find(({ on }) => on !== '*' && !simulator.operations.includes(on))
  if (unknown)
    throw new Refused(400, `there is no operation ${unknown.on}; there are ${simulator.operations.join(', ')}`)
  const added = rules.map((rule) => faults.add(rule))
  return Array.isArray(input) ? added : added[0]
}

function requestsAfter({ simulator, requests }: Controlled, position: number): object {
  const secrets = simulator.secrets.filter((secret) => secret !== '').flatMap(written)
  const mask = (text: string): string => secrets.reduce((masked, secret) => masked.replaceAll(secret, '•••'), text)
  const masked = (record: RequestRecord): RequestRecord => ({
    ...record,
    query: mask(record.query),
    body: mask(record.body),
  })
  return { last: requests.last, counts: requests.counts, requests: requests.after(position).map(masked) }
}

/** A secret as it may stand in a query or a JSON body. */
const written = (secret: string): string[] => [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]

function read({ text }: SimRequest): unknown {
  if (text.trim() === '') return {}
  try {
    return JSON.parse(text, exact)
  } catch {
    throw new Refused(400, 'the body is not JSON')
  }
}

/** A number with digits that a JS number would not say again is handed on as its text. */
function exact(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  return typeof value === 'number' && String(value) !== context?.source ? context?.source : value
}

function number(url: URL, name: string): number | undefined {
  const text = url.searchParams.get(name)
  if (text === null) return undefined
  if (!/^\d{1,15}$/.test(text)) throw new Refused(400, `${name} is not a whole number`)
  return Number(text)
}
