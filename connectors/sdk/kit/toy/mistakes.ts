import { describe } from 'vitest'
import { acceptance } from '../acceptance.ts'
import { toyConnector } from './connector.ts'
import { mistakes } from './site.ts'
import { toySubject } from './subject.ts'

/** Runs the kit on a good toy and on one toy for each mistake; `acceptance.test.ts` reads which tests failed. */
const toys = [
  ['good', toyConnector()],
  ['only sources', toyConnector(undefined, { operations: false })],
  ['only operations', toyConnector(undefined, { sources: false })],
  ...mistakes.map((mistake) => [mistake, toyConnector(mistake)] as const),
] as const

for (const [name, toy] of toys) {
  describe(`toy: ${name}`, { concurrent: false }, () => {
    acceptance(toy, toySubject(toy))
  })
}
