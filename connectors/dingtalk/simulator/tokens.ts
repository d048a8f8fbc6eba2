import { randomBytes } from 'node:crypto'
import type { Book } from '@shuniu/sdk/simulator'
import { z } from 'zod'
import { answer, newError } from './answers.ts'
import { application } from './organisation.ts'
import { route } from './route.ts'
import type { Route } from './route.ts'

/** The one access token of the application (dingtalk.md §1). */
export interface Tokens {
  readonly lifeSeconds: number
  /** The valid token with its life renewed, or a new one after its end. */
  issue(): Promise<string>
  isValid(token: string): boolean
  readonly current: string
}

const issuedNote = z.object({ issued: z.object({ token: z.string(), expiresAt: z.number() }) })

/** A renewal is written down only when it adds so much; a restart then knows the token nearly as long. */
const WORTH_A_NOTE = 600_000

export function openTokens(book: Book, lifeSeconds: number, now: () => number): Tokens {
  const noted = book.notes().findLast((note) => 'issued' in note)
  let issued = noted ? issuedNote.parse(noted).issued : { token: '', expiresAt: 0 }
  let notedUntil = issued.expiresAt
  return {
    lifeSeconds,
    async issue() {
      const isAlive = issued.expiresAt > now()
      const token = isAlive ? issued.token : randomBytes(16).toString('hex')
      issued = { token, expiresAt: now() + lifeSeconds * 1000 }
      if (!isAlive || issued.expiresAt - notedUntil > WORTH_A_NOTE) {
        notedUntil = issued.expiresAt
        await book.note({ issued })
      }
      return issued.token
    },
    isValid: (token) => token === issued.token && issued.expiresAt > now(),
    get current() {
      return issued.token
    },
  }
}

const isApplication = (id: string, secret: string): boolean =>
  id === application.clientId && secret === application.clientSecret

const WRONG = '无效的clientId或者clientSecret'

/** The three calls that give a token. */
export const tokenRoutes = (tokens: Tokens): Route[] => [
  route({
    at: 'POST /v1.0/oauth2/accessToken',
    operation: 'token',
    open: true,
    input: z.object({ appKey: z.string(), appSecret: z.string() }),
    async run({ appKey, appSecret }) {
      if (!isApplication(appKey, appSecret)) return newError(400, 'invalidClientIdOrSecret', WRONG)
      return answer({ expireIn: tokens.lifeSeconds, accessToken: await tokens.issue() })
    },
  }),
  route({
    at: `POST /v1.0/oauth2/${application.corpId}/token`,
    operation: 'token',
    open: true,
    input: z.object({ client_id: z.string(), client_secret: z.string(), grant_type: z.string() }),
    async run({ client_id, client_secret, grant_type }) {
      if (grant_type !== 'client_credentials') return newError(400, 'unsupported.grant.type', '不支持的grant_type')
      if (!isApplication(client_id, client_secret)) return newError(400, 'invalid.client', WRONG)
      return answer({ access_token: await tokens.issue(), expires_in: tokens.lifeSeconds })
    },
  }),
  route({
    at: 'GET /gettoken',
    operation: 'token',
    open: true,
    input: z.object({ appkey: z.string().optional(), appsecret: z.string().optional() }),
    async run({ appkey, appsecret }) {
      if (appkey === undefined) return answer({ errcode: 40035, errmsg: '缺少参数 appkey' })
      if (appsecret === undefined) return answer({ errcode: 40035, errmsg: '缺少参数 appsecret' })
      if (!isApplication(appkey, appsecret)) return answer({ errcode: 40096, errmsg: '不合法的appKey或appSecret' })
      return answer({
        errcode: 0,
        access_token: await tokens.issue(),
        errmsg: 'ok',
        expires_in: tokens.lifeSeconds,
      })
    },
  }),
]
