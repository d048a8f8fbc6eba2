import { Decimal, HubError, Instant } from '@shuniu/contracts'
import { describe, expect, it } from 'vitest'
import { SimulatedClock } from '../time/index.ts'
import { openLog, Secret, type LogOptions, type OperatorLog } from './index.ts'

interface Bed {
  readonly log: OperatorLog
  readonly lines: string[]
  /** The last line, read back. */
  last(): Record<string, unknown>
}

function bed(options: LogOptions = {}): Bed {
  const lines: string[] = []
  const clock = new SimulatedClock(Date.UTC(2026, 10, 22, 8))
  const log = openLog({ clock, stream: { write: (line) => lines.push(line) }, ...options })
  return { log, lines, last: () => JSON.parse(lines.at(-1) ?? '') as Record<string, unknown> }
}

describe('the log', () => {
  it('writes one JSON object a line', () => {
    const { log, lines } = bed()
    log.info('run.parked', { run: 'r1', reason: 'unmapped', ms: 12, ok: true, text: 'a\nb' })
    expect(lines).toEqual([
      '{"level":"info","time":"2026-11-22T08:00:00.000Z","code":"run.parked","run":"r1","reason":"unmapped","ms":12,"ok":true,"text":"a\\nb"}\n',
    ])
  })

  it('carries the fields of the log it came from', () => {
    const { log, last } = bed()
    log.with({ connection: 'erp' }).with({ flow: 'pay' }).warn('quota.low', { left: 3 })
    expect(last()).toMatchObject({ connection: 'erp', flow: 'pay', left: 3, level: 'warn' })
  })

  it('changes its level while it runs, for all its descendants', () => {
    const { log, lines } = bed({ level: 'warn' })
    const child = log.with({ a: 1 })
    child.info('quiet')
    log.level = 'info'
    child.info('loud')
    child.level = 'silent'
    log.error('quiet')
    expect(lines).toHaveLength(1)
  })

  it('writes single steps only when they are asked for', () => {
    const { log, lines, last } = bed()
    log.debug('vendor.call', { ms: 3 })
    expect(lines).toEqual([])
    log.level = 'debug'
    log.debug('vendor.call', { ms: 3 })
    expect(last()).toMatchObject({ level: 'debug', code: 'vendor.call', ms: 3 })
  })

  it('does not let fields take the place of time, level and code', () => {
    const { log, last } = bed()
    log.info('real', { code: 'false', level: 'error', time: 0 })
    expect(last()).toMatchObject({
      code: 'real',
      level: 'info',
      time: '2026-11-22T08:00:00.000Z',
      code_: 'false',
      level_: 'error',
    })
  })

  it('leaves out header maps, bodies and whatever is no scalar', () => {
    const { log, lines, last } = bed()
    log.info('x', {
      headers: { 'x-api-key': 'k-1' },
      body: '{"salary":9000}',
      url: 'https://x/?access_token=t-1',
      answer: { salary: 9000 },
      bytes: Buffer.from('salary'),
      accessToken: 't-1',
      app_secret: 's-1',
      Authorization: 'Bearer t-1',
      wrapped: new Secret('s-1'),
      list: ['a', { salary: 1 }, ['salary']],
      none: undefined,
    })
    expect(lines.join('')).not.toMatch(/salary|k-1|t-1|s-1/)
    expect(last()).toMatchObject({ headers: '***', answer: '[object]', list: ['a', '[object]', '[list]'] })
    expect(last()).not.toHaveProperty('none')
  })

  it('writes decimals, instants and expected errors as text, the cause included', () => {
    const { log, last } = bed()
    const cause = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED', headers: { cookie: 'c-1' } })
    log.error('send.failed', {
      amount: new Decimal('1.50'),
      at: new Instant(0),
      error: new HubError('internal.bug', { what: 'x' }, { cause }),
    })
    expect(last()).toMatchObject({
      amount: '1.5',
      at: '1970-01-01T00:00:00.000Z',
      error: {
        code: 'internal.bug',
        message: 'Something unexpected happened: x.',
        cause: { code: 'ECONNREFUSED', message: 'connect ECONNREFUSED' },
      },
    })
    expect(JSON.stringify(last())).not.toContain('c-1')
  })

  it('shows where a surprise was thrown, and ends at a circle of causes', () => {
    const { log, last } = bed()
    const error = new TypeError('x is not a function')
    error.cause = error
    log.error('surprise', { error })
    expect(last()['error']).toMatchObject({
      code: 'TypeError',
      stack: expect.arrayContaining([expect.stringMatching(/log\.test/)]),
    })
  })

  it('E12: a known secret is masked wherever a system echoes it, in every usual coding', () => {
    const secret = 'Geheim/+"ß&x=9'
    const { log, lines } = bed({ secrets: [secret] })
    const utf8 = Buffer.from(secret)
    const forms = [
      secret,
      JSON.stringify({ error: `bad token ${secret}` }),
      encodeURIComponent(secret),
      encodeURIComponent(secret).replace(/%../g, (sign) => sign.toLowerCase()),
      utf8.toString('hex'),
      utf8.toString('base64'),
      utf8.toString('base64url'),
      ...['', 'u', 'us', 'user:'].map((user) => Buffer.from(`${user}${secret}:tail`).toString('base64')),
    ]
    for (const form of forms) log.info('echo', { message: `the system said <${form}>` })
    const core = [secret, encodeURIComponent(secret), utf8.toString('hex'), utf8.toString('base64').slice(0, -4)]
    for (const line of lines) {
      expect(line).toContain('***')
      for (const form of core) expect(line).not.toContain(form)
      expect(Buffer.from(/<([^>]*)>/.exec(line)?.[1] ?? '', 'base64').toString()).not.toContain('Geheim')
    }
  })

  it('E12: numbers of persons in a message of the system are masked', () => {
    const { log, last } = bed()
    log.error('erp.refused', { message: '员工 13812341234 的卡 6222021234567890128 无效' })
    expect(last()['message']).toBe('员工 138****1234 的卡 ****0128 无效')
  })

  it('masks a secret learned later, also in a code and in a field name', () => {
    const { log, lines } = bed()
    log.hide('token-abcdef')
    log.info('token-abcdef', { 'token-abcdef': 1, x: 'token-abcdef' })
    expect(lines.join('')).not.toContain('token-abcdef')
  })

  it('does not hide words that are too short to be a secret', () => {
    const { log, last } = bed({ secrets: ['', 'a', 'run'] })
    log.info('run.done', { a: 'a' })
    expect(last()).toMatchObject({ code: 'run.done', a: 'a' })
  })

  it('F03: what turns or hides text on a terminal is written as an escape, and read back as it was', () => {
    const { log, lines, last } = bed()
    log.info('x', { name: 'a\u202eb\u200bc\u0000\u009b31m' })
    expect(lines[0]).toContain('a\\u202eb\\u200bc\\u0000\\u009b31m')
    expect(last()['name']).toBe('a\u202eb\u200bc\u0000\u009b31m')
  })

  it('leaves no half of a secret where it cuts a long text', () => {
    const { log, lines } = bed({ secrets: ['secret-0123456789'] })
    log.info('x', { text: `${'x'.repeat(990)}secret-0123456789` })
    expect(lines[0]).toMatch(/x\*\*\*"/)
  })

  it('cuts long texts and long lists', () => {
    const { log, lines } = bed()
    log.info('x', { text: 'x'.repeat(1_000_000), list: Array.from({ length: 1000 }, () => 'y') })
    expect(lines[0]?.length).toBeLessThan(2000)
  })
})
