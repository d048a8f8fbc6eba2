import { describe, expect, test } from 'vitest'
import type { HubEvent } from '@shuniu/contracts'
import { openPayments, payment, withdrawal } from '../test-payments.ts'
import type { TestHub } from '../test-hub.ts'
import type { Crash } from '../test-world.ts'

/** Long enough for a quarantine, its look-ups and every wait. */
const hour = 3_600_000

interface Story {
  readonly tell: (hub: TestHub) => Promise<void>
  readonly holds: (hub: TestHub) => Promise<void>
}

/** Events that come one after the other, each when the one before has had its time. */
const events =
  (...list: readonly HubEvent[]): Story['tell'] =>
  async (hub) => {
    for (const event of list) {
      await hub.append(event)
      await hub.pass(hour)
    }
  }

const stories: Record<string, Story> = {
  'look-ups → voucher → event → notice': {
    tell: events(payment('A')),
    async holds(hub) {
      expect(hub.books.ours()).toHaveLength(1)
      expect(await hub.emitted()).toEqual(['finance.voucher.created'])
      expect(await hub.runs()).toEqual(['flow done'])
      // A notice in doubt is given up, never repeated.
      expect(hub.office.sends.length).toBeLessThanOrEqual(1)
    },
  },
  'a withdrawal after the voucher': {
    tell: events(payment('A'), withdrawal('A')),
    async holds(hub) {
      expect(hub.books.ours().map(({ kind }) => kind)).toEqual(['voucher', 'reversal'])
      expect(await hub.emitted()).toEqual(['finance.voucher.created', 'finance.voucher.reversed'])
      expect(await hub.runs()).toEqual(['flow done', 'undo done'])
    },
  },
  'a withdrawal of a parked run': {
    tell: events(payment('A', { lines: '1' }), withdrawal('A')),
    async holds(hub) {
      expect(hub.books.ours()).toEqual([])
      expect(await hub.runs()).toEqual(['flow skipped withdrawn', 'undo done'])
    },
  },
  'a change after the voucher': {
    tell: events(payment('A'), payment('A', { revision: 2 })),
    async holds(hub) {
      expect(hub.books.ours().map(({ kind }) => kind)).toEqual(['voucher', 'reversal', 'voucher'])
      expect(await hub.runs()).toEqual(['flow done', 'undo done', 'flow done'])
      expect((await hub.emitted()).toSorted()).toEqual([
        'finance.voucher.created',
        'finance.voucher.created',
        'finance.voucher.reversed',
      ])
    },
  },
  'an answer that is lost': {
    async tell(hub) {
      hub.books.fault('voucher.save', 'lose-answer')
      await events(payment('A'))(hub)
    },
    async holds(hub) {
      expect(hub.books.ours()).toHaveLength(1)
      expect(await hub.emitted()).toEqual(['finance.voucher.created'])
    },
  },
}

/** Plays a story in which the hub dies once, or does not hear what became of a commit; what is left of it is told to its next life. Gives the commits of the first. */
async function play({ tell, holds }: Story, crash?: Crash): Promise<number> {
  const hub = await openPayments()
  try {
    hub.life.crash = crash && { ...crash, commit: hub.life.commits + crash.commit }
    const begun = hub.life.commits
    const first = hub.life
    await Promise.race([tell(hub), first.died])
    const { commits } = first
    if (first.isDead) {
      await hub.restart()
      await hub.pass(hour)
      // The log has what was appended; what the dead hub never took is told again, and must add nothing.
      await tell(hub)
    }
    await hub.pass(hour)
    await holds(hub)
    const { counted, recounted } = await hub.totals()
    expect(counted).toEqual(recounted)
    expect(await hub.store.tally('runs', 'open', { open: ['queued', 'running', 'waiting', 'parked'] })).toEqual({})
    expect(await hub.store.select('effects', { open: ['prepared', 'sending', 'in doubt'] })).toEqual([])
    return commits - begun
  } finally {
    await hub.close()
  }
}

describe.each(Object.keys(stories))('%s', (name) => {
  const story = stories[name]
  if (!story) throw new Error('unreachable')

  test('ends the same, wherever the hub dies on the way or does not hear whether it has committed', async () => {
    const commits = await play(story)
    expect(commits).toBeGreaterThan(2)
    for (let commit = 1; commit <= commits; commit++) {
      for (const when of ['before', 'after', 'unheard', 'unanswered'] as const) {
        await play(story, { commit, when }).catch((error: unknown) => {
          throw new Error(`${when} commit ${commit} of ${commits}`, { cause: error })
        })
      }
    }
  })
})
