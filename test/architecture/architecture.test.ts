import { expect, test } from 'vitest'
import { cycles } from './cycles.ts'
import { drivers, testSupport, undeclared } from './dependencies.ts'
import { direction } from './direction.ts'
import { readTexts } from './disk.ts'
import { habits } from './habits.ts'
import { proof, proofFolder, simulators } from './isolation.ts'
import { repositoryOf, type Violation } from './repository.ts'
import { emptyFileNames, lengths, tooLong, unwantedText } from './texts.ts'

const texts = readTexts()
const repository = repositoryOf(texts)

/** All of them at once, one a line: `path:line rule`. */
function expectNone(violations: readonly Violation[]): void {
  if (violations.length > 0) expect.fail(`\n${violations.toSorted().join('\n')}\n`)
}

test('imports point one way: from what composes to what is composed', () => {
  expectNone(direction(repository))
})

test('no files import each other in a circle', () => {
  expectNone(cycles(repository))
})

test('every import is declared by its package', () => {
  expectNone(undeclared(repository))
})

test('only the named files touch a driver', () => {
  expectNone(drivers(repository))
})

test('nothing that runs imports what is only for tests', () => {
  expectNone(testSupport(repository))
})

test('a simulator shares nothing with its connector', () => {
  expectNone(simulators(repository))
})

test('the proof imports nothing of what it judges', () => {
  const files = repository.sources.filter(({ path }) => path.startsWith(`${proofFolder}/`))
  expect(files.length, `${proofFolder} holds the proof`).toBeGreaterThan(0)
  expectNone(proof(repository))
})

test.each(habits)('$rule', (habit) => {
  const breaches = repository.sources.flatMap(({ path, found }) =>
    found
      .filter((one) => one.habit === habit && !habit.allowedIn(path))
      .map(({ line }) => `${path}:${line} ${habit.rule}`),
  )
  expectNone(breaches)
})

test('no file is longer than one thing can be', async ({ annotate }) => {
  const long = lengths(texts).filter(({ lines }) => lines > 250)
  if (long.length > 0) await annotate(`over 250 lines: ${long.map(({ path, lines }) => `${path} ${lines}`).join(', ')}`)
  expectNone(tooLong(texts))
})

test('nothing unfinished, no registry and no machine is named', () => {
  expectNone(unwantedText(texts))
})

test('every file is named after what is in it', () => {
  expectNone(emptyFileNames(texts))
})
