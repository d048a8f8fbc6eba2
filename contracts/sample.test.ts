import { expect, test } from 'vitest'
import { decode, encode } from './codec/codec.ts'
import { contracts } from './contracts.ts'
import { sampleOf } from './sample.ts'

test.each(contracts)('the sample of $type keeps its contract and comes back', (one) => {
  const sample = sampleOf(one)
  expect(decode(one, encode(one, sample))).toEqual(sample)
  expect(sampleOf(one)).toEqual(sample)
})
