import { describe, expect, it } from 'vitest'
import { refusal } from './facts.ts'
import { ask } from './query.ts'
import { newSession, openSite, say } from './test-site.ts'

/** Rows of reliability.md §2.5 E: what an API may answer to a send. */
describe('answers nobody should trust', () => {
  it('E01: an endless answer is cut off, and the send is in doubt', async () => {
    await using site = await openSite((_, response) => {
      response.writeHead(200)
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(1_000_000, 0x20)));
        if (!response.destroyed) response.once('drain', more)
      }
      more()
    })
    await expect(site.send()).rejects.toMatchObject({ failureClass: 'ambiguous', code: 'http.too-large' })
  })

  it('E02: JSON of any depth is in doubt, not a crash', async () => {
    await using site = await openSite((_, response) => say(response, '['.repeat(100_000) + ']'.repeat(100_000)))
    await expect(site.send()).rejects.toMatchObject({ failureClass: 'ambiguous', code: 'kingdee.unreadable' })
  })

  it('E03: __proto__ and constructor are data and change nothing', async () => {
    const body = '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"Result":{"Id":7}}'
    await using site = await openSite((_, response) => say(response, body))
    expect(Object.keys(Object(await site.send()))).toContain('__proto__')
    expect(Object(Object.prototype).polluted).toBeUndefined()
    expect(Object({}).polluted).toBeUndefined()
  })

  it('E06: a redirect is not followed', async () => {
    await using elsewhere = await openSite((_, response) => say(response, {}))
    await using site = await openSite((_, response) =>
      say(response, '', { status: 302, headers: { location: elsewhere.url } }),
    )
    await expect(site.send()).rejects.toMatchObject({ failureClass: 'ambiguous' })
    expect(elsewhere.asked).toEqual([])
  })

  it('E07: a log-in page with 200 is in doubt, never a success', async () => {
    await using site = await openSite((_, response) => say(response, '<!DOCTYPE html><title>登录</title>'))
    await expect(site.send()).rejects.toMatchObject({ failureClass: 'ambiguous', message: 'HTML instead of JSON' })
  })

  it('E12: words that repeat our secret or session are masked', async () => {
    await using site = await openSite((asked, response, nth) =>
      nth === 1
        ? say(response, [['CNY']], { headers: { 'set-cookie': ['kdservice-sessionid=5d0c6e1e; path=/'] } })
        : say(response, refusal(11, `密钥 7f3c2b9e4d5a40c1a8e6f0b1c2d3e4f5 会话 ${asked.cookie}`)),
    )
    await site.link.client.ready()
    await expect(site.send()).rejects.toMatchObject({ message: '密钥 ••• 会话 kdservice-sessionid=•••' })
  })
})

const page = (rows: number) => Array.from({ length: rows }, (_, at) => [`${at}`, 'x'])

describe('questions', () => {
  const question = { form: 'BD_Account', fields: ['FNumber', 'FName'], filter: '' }

  it('every page is read until one is not full', async () => {
    const starts: number[] = []
    await using site = await openSite((asked, response, nth) => {
      if (nth === 1) return say(response, [['CNY']], { headers: newSession('s1') })
      const { StartRow: start } = JSON.parse(asked.body).data
      starts.push(start)
      say(response, page(start === 4000 ? 3 : 2000))
    })
    expect(await ask(site.link.client, question)).toHaveLength(4003)
    expect(starts).toEqual([0, 2000, 4000])
  })

  it.each([[{ rows: [] }], [[['only one cell']]], [['no row']], [null]])('%j is no answer to it', async (body) => {
    await using site = await openSite((_, response, nth) => say(response, nth === 1 ? [['CNY']] : body))
    await expect(ask(site.link.client, question)).rejects.toMatchObject({ failureClass: 'transient' })
  })
})
