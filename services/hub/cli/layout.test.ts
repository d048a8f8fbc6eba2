import { expect, test } from 'vitest'
import { layPairs, layTable } from './layout.ts'

test('columns line up across Chinese and Latin texts, money on the right', () => {
  const lines = layTable(
    [{ title: '单号' }, { title: '说明' }, { title: '金额', side: 'right' }],
    [
      ['记-2', '付款', '150.50'],
      ['记-103', 'travel', '9.00'],
    ],
  )
  expect(lines).toEqual(['单号    说明      金额', '记-2    付款    150.50', '记-103  travel    9.00'])
})

test('a column in which nothing stands is left out', () => {
  expect(layTable([{ title: 'a' }, { title: 'b' }], [['1', '']])).toEqual(['a', '1'])
})

test('a cell with line breaks stays in one line', () => {
  expect(layTable([{ title: 'a' }], [['one\n two']])).toEqual(['a', 'one two'])
})

test('pairs stand under one another', () => {
  expect(
    layPairs([
      ['状态', 'ok'],
      ['epoch', '3'],
    ]),
  ).toEqual(['状态   ok', 'epoch  3'])
})

test('what came from outside cannot steer the terminal', () => {
  expect(layTable([{ title: 'a' }], [['\u001b[2J\u202eok']])).toEqual(['a', '·[2J·ok'])
  expect(layPairs([['memo', 'x\u0007']])).toEqual(['memo  x·'])
})
