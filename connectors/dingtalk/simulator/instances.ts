import type { Book, BookEntry } from '@shuniu/sdk/simulator'
import { serialOf } from './instance.ts'
import type { Detail, Instance } from './instance.ts'

/** What a page of ids is asked for (dingtalk.md §4.4). */
export interface Window {
  readonly processCode: string
  readonly from: number
  readonly to: number
  readonly offset: number
  readonly size: number
  readonly statuses?: readonly string[]
  readonly userIds?: readonly string[]
}

/** Every approval, by id and by form in order of creation; rebuilt from the book at the start. */
export interface Instances {
  /** The state on disk. */
  get(id: string): Instance | undefined
  /** The newest state, also while it is being written: what the next change starts from. */
  newest(id: string): Instance | undefined
  /** Resolves when it is on disk. */
  put(instance: Instance): Promise<void>
  page(window: Window): { ids: string[]; more: boolean }
  /** A number for the next businessId. */
  nextSerial(): number
}

const FIRST_SERIAL = 153_862

export function openInstances(book: Book): Instances {
  const newest = new Map<string, Instance>()
  const onDisk = new Map<string, Instance>()
  const byForm = new Map<string, Instance[]>()
  let serial = FIRST_SERIAL

  const show = (instance: Instance): void => {
    serial = Math.max(serial, serialOf(instance.detail.businessId))
    if (!onDisk.has(instance.id)) insert(byForm, instance)
    onDisk.set(instance.id, instance)
  }
  for (const entry of book.list('instance')) {
    const instance = fromEntry(entry)
    newest.set(instance.id, instance)
    show(instance)
  }
  return {
    get: (id) => onDisk.get(id),
    newest: (id) => newest.get(id),
    async put(instance) {
      newest.set(instance.id, instance)
      await book.append(toEntry(instance))
      show(instance)
    },
    page: (window) => pageOf(byForm.get(window.processCode) ?? [], onDisk, window),
    nextSerial: () => (serial += 1),
  }
}

/** The book's entry: the detail as the new API answers it, beside what only the simulator knows. */
const toEntry = ({ id, detail, ...kept }: Instance): BookEntry => ({
  id,
  number: detail.businessId,
  kind: 'instance',
  status: detail.status,
  body: { ...detail, ...kept },
})

type Body = Detail & Omit<Instance, 'id' | 'detail'>

function fromEntry({ id, body }: BookEntry): Instance {
  // Only `toEntry` writes entries of this kind.
  const { processCode, createdAt, finishedAt, events, ...detail } = body as Body
  return { id, processCode, detail, createdAt, finishedAt, events }
}

/** Keeps the order of creation; new ones nearly always go to the end. */
function insert(byForm: Map<string, Instance[]>, instance: Instance): void {
  const all = byForm.get(instance.processCode) ?? []
  all.splice(firstFrom(all, instance.createdAt + 1), 0, instance)
  byForm.set(instance.processCode, all)
}

/** Index of the first instance created at `ms` or later. */
function firstFrom(all: readonly Instance[], ms: number): number {
  let low = 0
  let high = all.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((all[middle]?.createdAt ?? 0) < ms) low = middle + 1
    else high = middle
  }
  return low
}

function pageOf(all: readonly Instance[], states: ReadonlyMap<string, Instance>, window: Window) {
  const { from, to, offset, size, statuses, userIds } = window
  const ids: string[] = []
  let matching = 0
  for (let index = firstFrom(all, from); index < all.length; index += 1) {
    const { id, createdAt } = all[index] ?? { id: '', createdAt: Infinity }
    if (createdAt > to) break
    const detail = states.get(id)?.detail
    if (!detail || statuses?.includes(detail.status) === false) continue
    if (userIds?.includes(detail.originatorUserId) === false) continue
    matching += 1
    if (matching > offset + size) return { ids, more: true }
    if (matching > offset) ids.push(id)
  }
  return { ids, more: false }
}
