import { effectStates, parkReasons, receiptStates, runStates } from '@shuniu/contracts'
import { expect, test } from 'vitest'
import { wordIn } from './words.ts'

test.each([...receiptStates, ...runStates, ...effectStates, ...parkReasons])('%s has a Chinese word', (word) => {
  expect(wordIn('zh', word)).toMatch(/\p{Script=Han}/u)
  expect(wordIn('en', word)).toBe(word)
})
