import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Committer } from '../store/committer.ts'
import { inWorker } from './flushers.ts'
import { openEmbedded } from './index.ts'

const aChange = [{ count: 'x', by: 1 }]

test('when the thread that writes ends, whoever waits hears of it, and the hub once', async () => {
  const died: unknown[] = []
  // There is nothing to write to: the thread ends at once.
  const committer = new Committer(
    inWorker('/nowhere/shuniu.db', 1, (error) => died.push(error)),
    () => undefined,
  )
  await expect(committer.commit(aChange)).rejects.toMatchObject({ code: 'internal.bug' })
  await expect(committer.commit(aChange)).rejects.toMatchObject({ code: 'internal.bug' })
  await committer.close()
  expect(died).toEqual([expect.objectContaining({ cause: expect.any(Error) })])
})

test('closing is no loss', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'shuniu-flush-'))
  const lost: unknown[] = []
  const embedded = await openEmbedded({ folder, flushOn: 'worker', lost: (error) => lost.push(error) })
  expect(await embedded.commit(aChange)).toMatchObject({ is: 'done' })
  await embedded.close()
  rmSync(folder, { recursive: true })
  expect(lost).toEqual([])
})
