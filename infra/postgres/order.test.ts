import { expect, test } from 'vitest'
import type { Change } from '../store/port.ts'
import { inOrder } from './order.ts'

const update = (id: number, state: string): Change => ({ update: 'runs', where: { id }, set: { state } })
const cursor = (name: string): Change => ({ upsert: 'cursors', row: { connection: 'c', name, value: '' } })
const count: Change = { count: 'seen', by: 1 }
const many: Change = { update: 'runs', where: { state: 'queued' }, set: { state: 'done' }, many: true }

test('updates of rows that stand together are put in the order of the rows, those of one row stay in theirs', () => {
  expect(inOrder([update(10, 'a'), update(9, 'a'), update(10, 'b')])).toEqual([1, 0, 2])
})

test('nothing is moved past a change of another kind, or past one that may meet any row', () => {
  expect(inOrder([update(2, 'a'), count, update(1, 'a')])).toEqual([0, 1, 2])
  expect(inOrder([update(2, 'a'), many, update(1, 'a')])).toEqual([0, 1, 2])
  expect(inOrder([update(2, 'a'), cursor('b'), cursor('a'), update(1, 'a')])).toEqual([0, 2, 1, 3])
})

test('what is inserted or appended keeps its order: its ids tell it', () => {
  const append = (id: number): Change => ({
    append: { eventId: Uint8Array.of(id), topic: 't', key: 'k', time: 1, attributes: '{}', data: Uint8Array.of() },
  })
  expect(inOrder([append(2), append(1)])).toEqual([0, 1])
})
