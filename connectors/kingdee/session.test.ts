import { SimulatedClock } from '@shuniu/infra/time'
import { describe, expect, it } from 'vitest'
import { refusal, sampleOf } from './facts.ts'
import { newSession, openSite, say, type Answering } from './test-site.ts'

const lost = refusal(1, '会话信息已丢失，请重新登录')
const saved = { Result: { ResponseStatus: { IsSuccess: true, Errors: [] }, Id: 100312 } }
const loginReply = (sample: string) => sampleOf(sample)[0]?.response.body
const appSecret = { login: 'app-secret' }

/** Logs everybody in with the next number, and answers calls of a session it knows. */
const honest: Answering = ({ method, cookie }, response, nth) => {
  if (method === 'LoginByAppSecret')
    return say(response, loginReply('03-login-appsecret-ok.json'), { headers: newSession(`s${nth}`) })
  if (cookie === undefined) return say(response, [['CNY']], { headers: newSession(`s${nth}`) })
  say(response, method === 'ExecuteBillQuery' ? [] : saved)
}

const query = (link: Awaited<ReturnType<typeof openSite>>['link']) =>
  link.client.post('ExecuteBillQuery', { data: {} }, { operation: 'query' })

describe('the session', () => {
  it('signed headers: the first call makes it, the others carry its cookies', async () => {
    await using site = await openSite(honest)
    await Promise.all([site.link.client.ready(), site.link.client.ready()])
    await query(site.link)
    expect(site.asked.map((one) => one.cookie)).toEqual([undefined, 'ASP.NET_SessionId=asps1; kdservice-sessionid=s1'])
  })

  it('app secret: one log-in for all who wait', async () => {
    await using site = await openSite(honest, appSecret)
    await Promise.all([query(site.link), query(site.link), site.link.client.ready()])
    expect(site.asked.map((one) => one.method)).toEqual(['LoginByAppSecret', 'ExecuteBillQuery', 'ExecuteBillQuery'])
    expect(JSON.parse(site.asked[0]?.body ?? '')).toMatchObject({ acctid: '6543a1b2c3d4e5', lcid: 2052 })
  })

  it('app secret: it is renewed before the vendor forgets it', async () => {
    const clock = new SimulatedClock(Date.now())
    await using site = await openSite(honest, appSecret, clock)
    await query(site.link)
    await clock.advance(14 * 60_000)
    await query(site.link)
    await clock.advance(16 * 60_000)
    await query(site.link)
    expect(site.asked.filter((one) => one.method === 'LoginByAppSecret')).toHaveLength(2)
  })

  it('a wrong secret is a matter of settings, said in the vendor’s words', async () => {
    await using site = await openSite(
      (_, response) => say(response, loginReply('02-login-password-wrong.json')),
      appSecret,
    )
    const failure = { failureClass: 'fatal', code: 'kingdee.login-refused', message: '密码错误' }
    await expect(site.link.client.ready()).rejects.toMatchObject(failure)
  })

  it('a read with a lost session logs in once and asks again', async () => {
    await using site = await openSite((asked, response, nth) =>
      nth === 2 ? say(response, lost) : honest(asked, response, nth),
    )
    expect(await query(site.link)).toEqual([])
    expect(site.asked.map((one) => one.cookie === undefined)).toEqual([true, false, true, false])
  })

  it('a session that is lost again at once ends as a matter of settings, not in a loop', async () => {
    await using site = await openSite((asked, response, nth) =>
      asked.cookie === undefined ? honest(asked, response, nth) : say(response, lost),
    )
    await expect(query(site.link)).rejects.toMatchObject({ failureClass: 'fatal', code: 'kingdee.login-refused' })
    expect(site.asked).toHaveLength(4)
  })

  it('a send with a lost session is never repeated here; the next one starts with a new log-in', async () => {
    await using site = await openSite((asked, response, nth) =>
      nth === 2 ? say(response, lost) : honest(asked, response, nth),
    )
    await site.link.client.ready()
    await expect(site.send()).rejects.toMatchObject({ failureClass: 'auth' })
    expect(site.asked).toHaveLength(2)
    await site.link.client.ready()
    await site.send()
    expect(site.asked.map((one) => one.method)).toEqual(['ExecuteBillQuery', 'Save', 'ExecuteBillQuery', 'Save'])
  })

  it('app secret: a send without a session is not sent at all', async () => {
    await using site = await openSite(honest, appSecret)
    await expect(site.send()).rejects.toMatchObject({ failureClass: 'auth' })
    expect(site.asked).toEqual([])
  })

  it('a late answer to the old session does not end the new one', async () => {
    let hold: (() => void) | undefined
    await using site = await openSite((asked, response, nth) => {
      if (nth === 2) hold = () => say(response, lost)
      else if (nth === 3) say(response, lost)
      else honest(asked, response, nth)
    })
    await site.link.client.ready()
    const [slow, quick] = [site.send(), site.send()].map((sent) => sent.catch((failure: unknown) => failure))
    await quick
    await site.link.client.ready()
    hold?.()
    await slow
    await query(site.link)
    expect(site.asked.at(-1)?.cookie).toContain('kdservice-sessionid=s4')
  })

  it('E09: cookies that are not ours, or not plain, are ignored', async () => {
    const bombs = Array.from({ length: 500 }, (_, at) => `bomb${at}=${'x'.repeat(20)}`)
    await using site = await openSite((_, response, nth) => {
      const odd = ['ASP.NET_SessionId=a b; path=/', 'kdservice-sessionid=ok1; path=/', 'other=1']
      say(response, [['CNY']], nth === 1 ? { headers: { 'set-cookie': [...odd, ...bombs.slice(0, 100)] } } : {})
    })
    await site.link.client.ready()
    await query(site.link)
    expect(site.asked.at(-1)?.cookie).toBe('kdservice-sessionid=ok1')
  })
})
