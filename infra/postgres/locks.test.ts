import { expect, test } from 'vitest'
import type { Change } from '../store/port.ts'
import { anEffect, aRun } from '../store/test-rows.ts'
import { locksOf, lockStatements } from './locks.ts'

const taken = (...changes: Change[]) => {
  const { keys, runs, effects, tables } = locksOf([changes])
  return { keys: [...keys], runs: [...runs], effects: [...effects], tables: [...tables] }
}
const nothing = { keys: [], runs: [], effects: [], tables: [] }

test('whoever sets a mark, and whoever counts on there being none, takes the key', () => {
  const marks = { keys: [11], runs: [], effects: [], tables: [] }
  expect(taken({ insert: 'marks', row: { flow: 'f', key: 'k', key_hash: 11, up_to: 1 } })).toEqual(marks)
  expect(taken({ expect: 'marks', where: { key_hash: 11 }, none: true })).toEqual(marks)
})

test('an effect takes the key of its run as it begins and each time it is sent, and a run as it ends', () => {
  expect(taken(anEffect())).toEqual({ ...nothing, runs: [1] })
  expect(taken({ update: 'effects', where: { id: 7 }, set: { state: 'sending' } })).toEqual({
    ...nothing,
    effects: [7],
  })
  expect(taken({ update: 'runs', where: { id: 3 }, set: { state: 'done' } })).toEqual({ ...nothing, runs: [3] })
  const made = anEffect('SN1', { run: { idOf: 0 } })
  expect(taken(aRun({ key_hash: 5 }), made)).toEqual({ ...nothing, keys: [5] })
})

test('what nobody counts on takes nothing: most of the work passes side by side', () => {
  expect(
    taken(
      aRun(),
      { count: 'seen', by: 1 },
      { update: 'effects', where: { id: 7 }, set: { state: 'confirmed' } },
      { update: 'runs', where: { id: 3 }, set: { state: 'parked' } },
      { expect: 'runs', where: { id: 3 }, none: false },
    ),
  ).toEqual(nothing)
  expect(lockStatements(locksOf([]))).toEqual([])
})

test('whoever counts on nothing being anywhere in a table takes the table', () => {
  expect(taken({ expect: 'runs', where: { correlation: 'x' }, none: true })).toEqual({ ...nothing, tables: ['runs'] })
})

test('events of one key of a topic wait for each other, so that their ids have the order of their commits', () => {
  const event = { eventId: Uint8Array.of(1), topic: 't', key: 'k', time: 0, attributes: '{}', data: Uint8Array.of() }
  const other = { ...event, eventId: Uint8Array.of(2) }
  expect(taken({ append: event }, { append: other }).keys).toHaveLength(1)
  expect(taken({ append: event }, { append: { ...other, topic: 'u' } }).keys).toHaveLength(2)
})
