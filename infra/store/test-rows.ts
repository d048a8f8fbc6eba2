import type { Insert } from './port.ts'

/** A run in its queue. */
export function aRun(overrides: Partial<Insert<'runs'>['row']> = {}): Insert<'runs'> {
  const row = {
    flow: 'payment-to-voucher',
    version: 'v1',
    kind: 'flow',
    key: 'A-1',
    key_hash: 11,
    event: 1,
    revision: 1,
    source: 'dingtalk-main',
    correlation: 'A-1',
    state: 'queued',
    attempts: 0,
    created_at: 1_000,
  }
  return { insert: 'runs', row: { ...row, ...overrides } }
}

/** An effect of run 1 that is being sent. */
export function anEffect(reference = 'SN1', overrides: Partial<Insert<'effects'>['row']> = {}): Insert<'effects'> {
  const texts = { flow: 'f', key: 'A-1', leg: '[]', connection: 'c', operation: 'o', source: 's', kind: 'money' }
  const more = { grade: 'B', state: 'sending', input_hash: '', body: '{}', fingerprint: '', journal: '[]', boot: 'b' }
  const numbers = { run: 1, revision: 1, journal_first: 0, epoch: 1, send_by: 1, answer_by: 2, created_at: 1 }
  const tries = { sends: 1, attempts: 0, look_ups: 0, absences: 0 }
  return { insert: 'effects', row: { reference, ...texts, ...more, ...numbers, ...tries, ...overrides } }
}
