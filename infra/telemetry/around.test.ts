import { expect, test } from 'vitest'
import { openLog, within } from './index.ts'

function bed() {
  const lines: string[] = []
  const log = openLog({ level: 'info', stream: { write: (line) => lines.push(line) }, secrets: ['s3cret-token'] })
  return { log, lines, last: () => JSON.parse(lines.at(-1) ?? '') as Record<string, unknown> }
}

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

test('a line says in which run and in which trace it was written', () => {
  const { log, last } = bed()
  within({ run: 7, traceparent }, () => log.info('vendor.call'))
  const place = { trace_id: '0af7651916cd43dd8448eb211c80319c', span_id: 'b7ad6b7169203331', run_id: 7 }
  expect(last()).toMatchObject(place)
  log.info('hub.hooks')
  for (const name of Object.keys(place)) expect(last()).not.toHaveProperty(name)
})

test('without traces a line has the id its trace would have: the same for every line of the transaction', () => {
  const { log, lines } = bed()
  within({ correlation: 'approval-7' }, () => log.info('ingress.parked'))
  within({ correlation: 'approval-7', run: 9 }, () => log.info('vendor.call'))
  within({ correlation: 'approval-8' }, () => log.info('vendor.call'))
  const ids = lines.map((line) => (JSON.parse(line) as { trace_id: string }).trace_id)
  expect(ids[0]).toMatch(/^[0-9a-f]{32}$/)
  expect([ids[1] === ids[0], ids[2] === ids[0]]).toEqual([true, false])
})

test('what the contract of the event at hand marks as personal is masked, wherever it stands, and asked for only then', () => {
  const { log, lines, last } = bed()
  let asked = 0
  const personal = () => {
    asked++
    return [
      { value: '6222020200112233', pii: 'bank' },
      { value: '欧阳修', pii: 'name' },
      { value: '深圳路 1 号', pii: 'address' },
    ]
  }
  within({ personal }, () => {
    log.debug('vendor.call', { text: '欧阳修' })
    expect(asked).toBe(0)
    log.info('vendor.call', {
      text: '欧阳修 的账号 6222020200112233，深圳路 1 号，令牌 s3cret-token',
      error: new Error('找不到 欧阳修'),
    })
  })
  expect(last()['text']).toBe('欧* 的账号 ****2233，****，令牌 ***')
  expect(lines.join('')).not.toMatch(/欧阳修|6222020200112233|深圳路|s3cret/)
})

test('each logger can be told to say more or less than the others, at any time', () => {
  const { log, lines } = bed()
  log.debug('vendor.call')
  log.levels.set('vendor', 'debug')
  log.debug('vendor.call')
  log.debug('ingress.parked')
  log.levels.set('ingress', 'silent')
  log.error('ingress.turn-failed')
  log.info('dingtalk.stream-open')
  log.levels.set('connector', 'warn')
  log.info('dingtalk.stream-open')
  log.levels.set('vendor', undefined)
  log.debug('vendor.call')
  expect(lines.map((line) => (JSON.parse(line) as { code: string }).code)).toEqual([
    'vendor.call',
    'dingtalk.stream-open',
  ])
})

test('work that is begun from within other work has nothing of it', () => {
  const { log, last } = bed()
  within({ run: 7, traceparent }, () => within({ run: 8, correlation: 'approval-8' }, () => log.info('vendor.call')))
  expect(last()['run_id']).toBe(8)
  expect(last()['trace_id']).not.toBe('0af7651916cd43dd8448eb211c80319c')
})
