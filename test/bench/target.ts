/**
 * Both systems as the bench needs them: answers at once what is asked for every voucher (reading an approval, saving), and
 * hands everything else on to the simulators. It keeps a book of what was saved. Usage: target <dingtalk> <kingdee> <id>,
 * where <id> is an agreed payment of the simulator: every approval `bench-…` looks like it.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { Pool } from 'undici'

const [dingtalk = '', kingdee = '', model = ''] = process.argv.slice(2)
const simulators = { dingtalk: new Pool(dingtalk), kingdee: new Pool(kingdee) }

/** Saved: approval → when each voucher of it came, ms with fractions. */
const book = new Map<string, number[]>()
const references = new Set<string>()
const seen = { reads: 0, saves: 0, firstRead: 0, lastSave: 0 }
/** True: vouchers are saved by the simulator too, which can be asked about them afterwards. */
let through = false

const now = (): number => performance.timeOrigin + performance.now()

/** The number people know an approval by: 21 digits. */
const numberOf = (id: string): string => `2${id.slice('bench-'.length).padStart(20, '0')}`

interface Answer {
  readonly status: number
  readonly body: string
  readonly headers?: Readonly<Record<string, string | string[] | undefined>>
}

async function handOn(request: IncomingMessage, body: string): Promise<Answer> {
  const path = request.url ?? '/'
  const { connection: _, 'content-length': __, host: ___, ...headers } = request.headers
  const pool = path.startsWith('/k3cloud') ? simulators.kingdee : simulators.dingtalk
  const method = request.method === 'GET' ? 'GET' : 'POST'
  const answer = await pool.request({ method, path, headers, body: body === '' ? null : body })
  const cookies = answer.headers['set-cookie']
  return {
    status: answer.statusCode,
    body: await answer.body.text(),
    headers: cookies ? { 'set-cookie': cookies } : {},
  }
}

const read = await simulators.dingtalk.request({
  method: 'GET',
  path: `/v1.0/workflow/processInstances?processInstanceId=${encodeURIComponent(model)}`,
  headers: { 'x-acs-dingtalk-access-token': await token() },
})
const detail = await read.body.text()
const modelNumber = (JSON.parse(detail) as { result: { businessId: string } }).result.businessId
const parts = detail.replaceAll(model, '\0id').split(modelNumber)

async function token(): Promise<string> {
  const { application } = (await (await fetch(`${dingtalk}/_sim`)).json()) as { application: Record<string, string> }
  const body = JSON.stringify({ appKey: application['clientId'], appSecret: application['clientSecret'] })
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(`${dingtalk}/v1.0/oauth2/accessToken`, { method: 'POST', headers, body })
  return ((await answer.json()) as { accessToken: string }).accessToken
}

function approval(id: string): Answer {
  seen.reads++
  seen.firstRead ||= now()
  return { status: 200, body: parts.join(numberOf(id)).replaceAll('\0id', id) }
}

function saved(body: string): Answer {
  const number = /付款 (\d{21})/.exec(body)?.[1] ?? 'unknown'
  // A sweep finds the model itself; it is none of the bench's approvals.
  if (number !== modelNumber) note(number, /"F_HUB_SourceId":"([^"]+)"/.exec(body)?.[1] ?? '')
  const Id = 1_000_000 + seen.saves
  const SuccessEntitys = [{ Id, Number: '', DIndex: 0 }]
  const status = { IsSuccess: true, Errors: [], SuccessEntitys, SuccessMessages: [], MsgCode: 0 }
  const result = { ResponseStatus: status, Id, Number: '', NeedReturnData: [{ FVOUCHERGROUPNO: String(seen.saves) }] }
  return { status: 200, body: JSON.stringify({ Result: result }) }
}

function note(number: string, reference: string): void {
  const at = now()
  const times = book.get(number)
  if (times) times.push(at)
  else book.set(number, [at])
  references.add(reference)
  seen.saves++
  seen.lastSave = at
}

function control(path: string): Answer {
  if (path === '/bench/reset') {
    book.clear()
    references.clear()
    Object.assign(seen, { reads: 0, saves: 0, firstRead: 0, lastSave: 0 })
  }
  if (path === '/bench/through' || path === '/bench/direct') through = path.endsWith('through')
  if (path === '/bench/book') return { status: 200, body: JSON.stringify([...book]) }
  return { status: 200, body: JSON.stringify({ ...seen, approvals: book.size, references: references.size }) }
}

async function answerOf(request: IncomingMessage): Promise<Answer> {
  const path = request.url ?? '/'
  const id = /^\/v1\.0\/workflow\/processInstances\?processInstanceId=(bench-\w+)$/.exec(path)?.[1]
  if (id !== undefined) return approval(id)
  if (path.startsWith('/bench/')) return control(path)
  const body = await text(request)
  if (!path.endsWith('DynamicFormService.Save.common.kdsvc')) return handOn(request, body)
  const made = saved(body)
  return through ? handOn(request, body) : made
}

const json = { 'content-type': 'application/json; charset=utf-8' }

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { status, body, headers } = await answerOf(request)
  response.writeHead(status, { ...json, ...headers, 'content-length': Buffer.byteLength(body) })
  response.end(body)
}

const server = createServer({ keepAliveTimeout: 65_000 }, (request, response) => void serve(request, response))
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  process.stdout.write(`ready http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}\n`)
})
