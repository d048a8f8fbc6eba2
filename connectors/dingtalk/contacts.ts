import { Decimal, type ValueRecord } from '@shuniu/contracts'
import { unexpected } from './answers.ts'
import { isFailure } from './failures.ts'
import { callOldApi, type Session } from './session.ts'
import { filledText, isTrue, listOf, recordOf, recordsOf } from './tolerant.ts'

/** One department (dingtalk.md §6). The root has the id `1`. */
export interface Department {
  readonly id: string
  readonly name: string
  readonly parent: string
}

export interface User {
  readonly id: string
  readonly name: string
  readonly department: string
}

const ROOT = '1'
const PAGE = new Decimal('100')
const MOST_DEPARTMENTS = 2000
const MOST_USERS = 20_000

/** Contacts calls are not counted against the month. */
const ask = (session: Session, operation: string, path: string, body: ValueRecord): Promise<ValueRecord> =>
  callOldApi(session, { operation, method: 'POST', path, body, free: true })

/** The name of a user; null when the person has left or the application may not see it. Throws when DingTalk is busy. */
export async function userName(session: Session, id: string): Promise<string | null> {
  const known = session.names.get(id)
  if (known) return known.name
  const name = await readName(session, id)
  session.names.set(id, { name })
  return name
}

async function readName(session: Session, id: string): Promise<string | null> {
  try {
    const { result } = await ask(session, 'user.get', '/topapi/v2/user/get', { userid: id, language: 'zh_CN' })
    return filledText(recordOf(result)?.name) ?? null
  } catch (error) {
    if (!isFailure(error, 'not-found', 'scope', 'permission', 'refused')) throw error
    session.ground.log.warn('dingtalk.name-unreadable', { connection: session.ground.connection, because: error.code })
    return null
  }
}

/** The departments directly below one. */
export async function departmentsBelow(session: Session, parent: string): Promise<readonly Department[]> {
  const body = { dept_id: new Decimal(parent), language: 'zh_CN' }
  const { result } = await ask(session, 'department.list', '/topapi/v2/department/listsub', body)
  if (!Array.isArray(result)) throw unexpected('departments that are no list')
  return recordsOf(listOf(result)).flatMap((one) => {
    const id = filledText(one.dept_id) ?? ''
    return /^\d{1,18}$/.test(id)
      ? [{ id, name: filledText(one.name) ?? id, parent: filledText(one.parent_id) ?? parent }]
      : []
  })
}

/** Every department the application may see, level by level. */
export async function allDepartments(session: Session): Promise<readonly Department[]> {
  const found = new Map<string, Department>()
  const open = [ROOT]
  for (let parent = open.shift(); parent !== undefined && found.size < MOST_DEPARTMENTS; parent = open.shift()) {
    for (const department of await departmentsBelow(session, parent)) {
      if (found.has(department.id)) continue
      found.set(department.id, department)
      open.push(department.id)
    }
  }
  return [...found.values()]
}

/** Every user of these departments and of the root; who is in several appears once. */
export async function usersOf(session: Session, departments: readonly Department[]): Promise<readonly User[]> {
  const found = new Map<string, User>()
  for (const department of [ROOT, ...departments.map(({ id }) => id)]) {
    for await (const user of membersOf(session, department)) {
      if (found.size >= MOST_USERS) return [...found.values()]
      if (!found.has(user.id)) found.set(user.id, user)
    }
  }
  return [...found.values()]
}

/** Whether members may be read at all: the first of the root. */
export async function membersOfRoot(session: Session): Promise<readonly User[]> {
  for await (const user of membersOf(session, ROOT)) return [user]
  return []
}

async function* membersOf(session: Session, department: string): AsyncGenerator<User> {
  for (let cursor: string | undefined = '0'; cursor !== undefined;) {
    const at: Decimal = new Decimal(cursor)
    const body = { dept_id: new Decimal(department), cursor: at, size: PAGE, contain_access_limit: false }
    const page: ValueRecord = recordOf((await ask(session, 'user.list', '/topapi/v2/user/list', body)).result) ?? {}
    for (const one of recordsOf(page.list)) {
      const id = filledText(one.userid)
      if (id !== undefined) yield { id, name: filledText(one.name) ?? id, department }
    }
    const next: string = isTrue(page.has_more) ? (filledText(page.next_cursor) ?? '') : ''
    cursor = /^\d{1,15}$/.test(next) && at.lt(next) ? next : undefined
  }
}
