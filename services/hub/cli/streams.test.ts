import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { endWithStreams } from './streams.ts'

/** A process whose streams break with these codes: what it says, and how it ends. */
function broken(on: 'stdout' | 'stderr', code: string) {
  const streams = { stdout: new PassThrough(), stderr: new PassThrough() }
  const ended: number[] = []
  endWithStreams(streams, 'en', (exit) => void ended.push(exit))
  streams[on].emit('error', Object.assign(new Error(`write ${code}`), { code }))
  return { ended, said: String(streams.stderr.read() ?? '') }
}

test('a reader that goes away is no error', () => {
  expect(broken('stdout', 'EPIPE')).toEqual({ ended: [0], said: '' })
  expect(broken('stderr', 'EPIPE')).toEqual({ ended: [0], said: '' })
})

test('data that cannot be written ends with code, sentence and help, and no stack', () => {
  const { ended, said } = broken('stdout', 'ENOSPC')
  expect(ended).toEqual([1])
  expect(said).toMatch(/^cli\.not-written {2}stdout cannot be written \(ENOSPC\)\.\n {2}→ .*\n$/)
})

test('talk that cannot be written ends nothing', () => {
  expect(broken('stderr', 'ENOSPC')).toEqual({ ended: [], said: '' })
})
