import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { decode } from './decode.ts'
import { hubShape, type HubFile } from './hub-file.ts'
import { readOptions, type OptionSources } from './options.ts'
import { readYaml } from './yaml.ts'

const dir = mkdtempSync(join(tmpdir(), 'shuniu-options-'))
afterAll(() => rmSync(dir, { recursive: true }))

function hub(text: string): HubFile | undefined {
  const { node } = readYaml(`name: a\n${text}`, 'hub.yaml')
  return node && decode(node, hubShape).value
}

const read = (sources: Partial<OptionSources> = {}) => readOptions({ flags: {}, environment: {}, ...sources })

describe('options of the process', () => {
  it('have defaults', () => {
    expect(read()).toEqual({
      options: {
        project: '.',
        data: resolve('.shuniu'),
        host: '127.0.0.1',
        port: 7070,
        hooksPort: undefined,
        opsPort: undefined,
        tlsCert: undefined,
        tlsKey: undefined,
        behindProxy: undefined,
        token: undefined,
        lang: 'en',
        logLevel: 'info',
        role: 'all',
        resync: false,
      },
      secrets: [],
      problems: [],
    })
  })

  it('come from flags before the environment, from there before hub.yaml, from there before defaults', () => {
    const flags = { port: '1', 'hooks-port': '11' }
    const environment = { SHUNIU_PORT: '2', SHUNIU_HOST: '0.0.0.0' }
    const { options } = read({ flags, environment, hub: hub('port: 3\nhost: localhost\nhooksPort: 13\ndata: d') })
    expect(options).toMatchObject({ port: 1, hooksPort: 11, host: '0.0.0.0' })
    expect(read({ environment, hub: hub('port: 3') }).options.port).toBe(2)
    expect(read({ hub: hub('port: 3') }).options.port).toBe(3)
  })

  it('take a relative data folder of hub.yaml from that file, and one of a flag as it is typed', () => {
    const inHub = hub('data: ../data')
    expect(read({ flags: { project: '/p/x' }, hub: inHub }).options.data).toBe(resolve('/p/data'))
    expect(read({ flags: { project: '/p/x', data: 'here' }, hub: inHub }).options.data).toBe('here')
    expect(read({ flags: { project: '/p/x' } }).options.data).toBe(resolve('/p/x/.shuniu'))
  })

  it('may stand in a file that a variable names, and a secret is told as such', () => {
    const path = join(dir, 'token')
    writeFileSync(path, 'a-token-of-the-hub\n')
    const { options, secrets } = read({ environment: { SHUNIU_TOKEN_FILE: path } })
    expect(options.token).toBe('a-token-of-the-hub')
    expect(secrets).toEqual(['a-token-of-the-hub'])
  })

  it('take an empty variable for one that is not set', () => {
    expect(read({ environment: { SHUNIU_PORT: '', LANG: '' } })).toMatchObject({
      options: { port: 7070 },
      problems: [],
    })
  })

  it.each([
    ['zh_CN.UTF-8', 'zh'],
    ['en_GB.UTF-8', 'en'],
    ['C', 'en'],
    ['de_DE', 'en'],
  ])('speak the language of LANG=%s: %s', (text, expected) => {
    expect(read({ environment: { LANG: text } })).toMatchObject({ options: { lang: expected }, problems: [] })
  })

  it('speak the language that is asked for', () => {
    expect(read({ flags: { lang: 'zh' }, environment: { LANG: 'en_US' } }).options.lang).toBe('zh')
    expect(read({ flags: { resync: true } }).options.resync).toBe(true)
  })

  it('take the file of a certificate by its name, also from the variable that ends with FILE', () => {
    const flags = { 'tls-cert': '/run/tls.crt' }
    const { options, secrets, problems } = read({ flags, environment: { SHUNIU_TLS_KEY_FILE: '/run/tls.key' } })
    expect([options.tlsCert, options.tlsKey, secrets, problems]).toEqual(['/run/tls.crt', '/run/tls.key', [], []])
  })

  it('want a certificate and its key together', () => {
    const { problems } = read({ environment: { SHUNIU_TLS_CERT: '/run/tls.crt' } })
    expect(problems.map(({ error }) => error.message)).toEqual(['--tls-cert is set and --tls-key is not.'])
  })

  it('know a proxy by addresses and networks', () => {
    const flags = { 'behind-proxy': '10.0.0.0/8, 127.0.0.1 fd00::/8' }
    expect(read({ flags }).options.behindProxy).toEqual(['10.0.0.0/8', '127.0.0.1', 'fd00::/8'])
    expect(read({ hub: hub('behindProxy: [172.30.0.0/16]') }).options.behindProxy).toEqual(['172.30.0.0/16'])
    expect(hub('behindProxy: [nginx]')).toBeUndefined()
  })

  it.each<[string, Partial<OptionSources>, string, string]>([
    ['a proxy by name', { flags: { 'behind-proxy': 'nginx' } }, 'option.bad-value', '--behind-proxy'],
    ['a network too narrow', { flags: { 'behind-proxy': '10.0.0.0/33' } }, 'option.bad-value', '--behind-proxy'],
    ['a port that is none', { flags: { port: '70000' } }, 'option.bad-value', '--port'],
    ['a negative port', { environment: { SHUNIU_HOOKS_PORT: '-1' } }, 'option.bad-value', 'SHUNIU_HOOKS_PORT'],
    ['a language nobody speaks here', { flags: { lang: 'fr' } }, 'option.bad-value', '--lang'],
    ['a token that can be guessed', { environment: { SHUNIU_TOKEN: 'abc' } }, 'option.bad-value', 'SHUNIU_TOKEN'],
    ['a value for a switch', { environment: { SHUNIU_RESYNC: 'maybe' } }, 'option.bad-value', 'SHUNIU_RESYNC'],
    ['a missing file', { environment: { SHUNIU_TOKEN_FILE: '/nowhere' } }, 'option.unreadable', 'SHUNIU_TOKEN_FILE'],
    ['two at once', { environment: { SHUNIU_PORT: '1', SHUNIU_PORT_FILE: '/x' } }, 'option.twice', 'SHUNIU_PORT'],
  ])('refuse %s', (_, sources, code, from) => {
    const { problems } = read(sources)
    expect(problems.map(({ error, severity }) => [severity, error.code, error.parameters['from']])).toEqual([
      ['error', code, from],
    ])
  })

  it('never repeat what was given as a token', () => {
    const { problems } = read({ flags: { token: 'hunter2' } })
    expect(problems).toHaveLength(1)
    for (const { error } of problems) expect(`${error.message} ${error.help('en')}`).not.toContain('hunter2')
  })

  it('warn of a variable that was likely meant for them, and leave others alone', () => {
    const { problems } = read({ environment: { SHUNIU_PROT: '1', SHUNIU_KINGDEE_SECRET: 'x', OTHER: 'y' } })
    expect(problems.map(({ error, severity }) => [severity, error.message])).toEqual([
      ['warning', 'Unknown option SHUNIU_PROT; the nearest known one is SHUNIU_PORT.'],
    ])
  })
})
