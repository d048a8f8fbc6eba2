import { describe, expect, test } from 'vitest'
import { shuniu } from './testing.ts'

describe('help', () => {
  test('lists every command on stdout and is no mistake', async () => {
    const { code, out, err } = await shuniu(['--help'])
    expect([code, err]).toEqual([0, ''])
    for (const word of ['start', 'sim', 'lint', 'park', 'reconcile', 'resync'])
      expect(out).toMatch(new RegExp(`^ +${word}\\b`, 'm'))
  })

  test('without a command is shown as talk, as a mistake of usage', async () => {
    const { code, out, err } = await shuniu([])
    expect([code, out]).toEqual([64, ''])
    expect(err).toContain('Usage: shuniu')
  })

  test('speaks Chinese by --lang and by LANG', async () => {
    const byFlag = await shuniu(['--lang', 'zh', 'park', '--help'])
    const bySystem = await shuniu(['park', '--help'], { environment: { LANG: 'zh_CN.UTF-8' } })
    expect(byFlag.out).toContain('待人工处理')
    expect(bySystem.out).toBe(byFlag.out)
  })
})

describe('a mistake in what was typed ends with 64', () => {
  test.each([
    [['lnt'], 'usage.unknown-command', 'lint'],
    [['--lang', 'zh', 'lnt'], 'usage.unknown-command', '“lnt”'],
    [['runs', '--stat', 'done'], 'usage.unknown-option', '--stat'],
    [['trace'], 'usage.missing', '<number>'],
    [['park', 'drop', '7'], 'usage.missing', '--reason'],
    [['version', 'more'], 'usage.too-many', 'version'],
    [['reconcile', '--period', '2026-13'], 'usage.bad-value', '2026-11'],
    [['status', '--hub', 'localhost'], 'usage.bad-value', '--hub'],
    [['lint', '--lang', 'fr'], 'option.bad-value', '--lang'],
    [['replay', '--flow', 'a', '--apply'], 'usage.missing', '--reason'],
  ])('%j', async (argv, error, named) => {
    const { code, out, err } = await shuniu(argv)
    expect([code, out]).toEqual([64, ''])
    expect(err).toContain(error)
    expect(err).toContain(named)
  })
})

test('an error is code, sentence and help, without a stack', async () => {
  const { err } = await shuniu(['runs'])
  expect(err).toBe(
    [
      'cli.no-hub  No hub answers at http://127.0.0.1:9.',
      '  → Start one with `shuniu start`, or say where it is: --hub URL or SHUNIU_HUB.',
      '',
    ].join('\n'),
  )
})

test('with --json an error is a document on stdout as well', async () => {
  const { code, out } = await shuniu(['trace', '1', '--json', '--lang', 'zh'])
  expect(code).toBe(69)
  expect(JSON.parse(out)).toMatchObject({ error: { code: 'cli.no-hub', message: 'http://127.0.0.1:9 没有枢纽响应。' } })
})

test.each(['runs', 'effects', 'receipts', 'status', 'trace x', 'park list', 'crosswalk list', 'backup x'])(
  '%s without a hub ends with 69',
  async (line) => {
    expect((await shuniu(line.split(' '))).code).toBe(69)
  },
)

test('version says which Shuniu and which Node', async () => {
  const { code, out } = await shuniu(['version', '--json'])
  expect(code).toBe(0)
  expect(JSON.parse(out)).toMatchObject({
    version: expect.stringMatching(/^\d+\.\d+\.\d+/),
    node: process.versions.node,
  })
})

test('colours are for terminals whose user wants them', async () => {
  const environment = { LANG: 'en' }
  const coloured = await shuniu(['runs'], { environment, isTTY: true })
  const plain = await shuniu(['runs'], { environment: { ...environment, NO_COLOR: '1' }, isTTY: true })
  expect(coloured.err).toContain('\u001b[')
  expect(plain.err).not.toContain('\u001b[')
})
