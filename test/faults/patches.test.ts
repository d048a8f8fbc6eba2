import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from '../processes/root.ts'
import { mutants, patched } from './patches.ts'

test.each(mutants)('the mutant "$name" fits the sources as they are', ({ patches }) => {
  for (const patch of patches) {
    const text = readFileSync(join(root, patch.file), 'utf8')
    expect(patched(text, patch)).not.toBe(text)
  }
})

test('a text that stands twice is refused', () => {
  expect(() => patched('one two one', { file: 'a.ts', replace: 'one', by: 'three' })).toThrow('2 times')
})
