import { z } from 'zod'
import type { Book, SimAnswer, SimRequest, SimulatorDefinition } from '../../simulator/index.ts'

/** The key of the toy system. */
export const toyKey = 'toy-key-7f3c2b9e4d5a'

const json = (status: number, body: unknown): SimAnswer => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
})
const approvalInput = z.strictObject({ of: z.string().optional() })

/**
 * A ledger and its approvals in a hundred lines, for the kit's own tests: `POST /notes`, `GET /notes?reference=`,
 * `GET /approvals/<id>` and `GET /approvals`. A token from `/token` lives until it is said to have expired.
 */
export const toySystem: SimulatorDefinition = {
  name: 'toy',
  options: {},
  async create({ book, now }) {
    let tokens = 0
    const tokenOf = (): string => `token-${tokens}`
    let last = book.list().length
    const nextId = (): string => String(++last)
    await book.append({
      id: nextId(),
      number: '1',
      kind: 'note',
      status: 'kept',
      reference: 'SOMEBODY',
      body: noteOf('{}'),
    })
    const approve = (kind: string) => async (input: unknown) => {
      const { of } = approvalInput.parse(input)
      const id = `a${nextId()}`
      const root = of ?? id
      await book.append({ id, number: id, kind: 'approval', status: kind, body: { id, kind, root, at: now() } })
      return { id }
    }
    const act = (kind: string) => ({ title: kind, input: approvalInput, run: approve(kind) })
    return {
      describe: () => ({}),
      acts: { approve: act('new'), change: act('modify'), withdraw: act('revoke') },
      operations: ['note.save', 'note.find', 'approval.read', 'token'],
      operationOf: nameOf,
      faultAnswer(fault, request) {
        const name = nameOf(request)
        if (fault === 'empty-query') return name === 'note.find' ? json(200, []) : undefined
        if (name === 'token') return undefined
        if (fault === 'token-expired') return (tokens++, json(401, { error: 'token expired' }))
        if (fault === 'throttle') return json(429, { error: 'too many' })
        return fault === 'refuse' ? json(422, { error: 'refused' }) : undefined
      },
      async handle(request) {
        if (nameOf(request) === 'token')
          return request.headers['x-key'] === toyKey
            ? json(200, { token: tokenOf() })
            : json(403, { error: 'wrong key' })
        if (request.headers['x-token'] !== tokenOf()) return json(401, { error: 'token expired' })
        return request.method === 'POST' ? keep(book, nextId(), request) : read(book, request)
      },
      secrets: [toyKey],
    }
  },
}

function nameOf({ path, method }: SimRequest): string {
  if (path.startsWith('/notes')) return method === 'POST' ? 'note.save' : 'note.find'
  return path === '/token' ? 'token' : 'approval.read'
}

const noteOf = (text: string): object => ({ day: '2026-01-01', lines: [], ...JSON.parse(text) })

async function keep(book: Book, id: string, { text }: SimRequest): Promise<SimAnswer> {
  const body = noteOf(text)
  const reference = 'reference' in body ? String(body.reference) : ''
  await book.append({ id, number: id, kind: 'note', status: 'kept', reference, body })
  return json(200, { id })
}

function read(book: Book, { url, path }: SimRequest): SimAnswer {
  const wanted = url.searchParams.getAll('reference')
  if (path === '/notes')
    return json(
      200,
      book.list('note').filter((one) => wanted.includes(one.reference ?? '') || wanted.includes(one.id)),
    )
  const [, , id] = path.split('/')
  const approvals = book.list('approval').map((one) => one.body)
  if (id === undefined) return json(200, approvals)
  const found = book.get(id)
  return found ? json(200, found.body) : json(404, { error: 'no such approval' })
}
