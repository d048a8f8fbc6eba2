import { Duration } from '@shuniu/contracts'
import { secret } from '@shuniu/sdk'
import { z } from 'zod'

/** Help and example of a setting; a secret one is never shown or logged. */
const about = (description: string, example: unknown, isSecret = false) => ({
  description,
  examples: [example],
  ...(isSecret ? { writeOnly: true } : {}),
})

const age = z
  .string()
  .refine((text) => text === 'none' || (Duration.parse(text)?.ms ?? 0) > 0, { error: 'a length such as 10m, or none' })

/** dingtalk.md §2.1: token of 3 to 64 and key of exactly 43 letters and digits. */
const token = z.string().regex(/^[A-Za-z0-9]{3,64}$/, 'a token has 3 to 64 letters and digits')
const aesKey = z.string().regex(/^[A-Za-z0-9]{43}$/, 'a key has exactly 43 letters and digits')

const previous = z.strictObject({
  token: token.meta(about('Token before the change.', '${env:DINGTALK_TOKEN_BEFORE}', true)),
  aesKey: aesKey.meta(about('Encryption key before the change.', '${env:DINGTALK_KEY_BEFORE}', true)),
})

const callback = z.strictObject({
  token: token.meta(
    about('Token of the HTTP push, as entered under event subscription.', '${env:DINGTALK_TOKEN}', true),
  ),
  aesKey: aesKey.meta(
    about('Encryption key of the HTTP push, as entered under event subscription.', '${env:DINGTALK_KEY}', true),
  ),
  previous: previous.optional().meta(
    about('A second pair that is taken as well while token or key are changed in the console.', {
      token: '…',
      aesKey: '…',
    }),
  ),
  receiveId: z
    .string()
    .min(1)
    .optional()
    .meta(
      about('Whom pushes must be meant for: the client id, or the corp id of an old registration.', 'ding8x2k4m6n8p'),
    ),
  maxAge: age
    .default('10m')
    .meta(about('Pushes whose time is further from ours than this are refused; `none` takes any.', '10m')),
})

/** What a connection's YAML says under `settings`. */
export const settings = z.strictObject({
  address: z
    .url({ protocol: /^https?$/, error: 'an address such as https://dingtalk.example.com' })
    .or(z.literal(''))
    .optional()
    .meta(
      about(
        'One address for both API generations and the stream gateway; left out or empty: DingTalk itself.',
        '${env:DINGTALK_URL:-}',
      ),
    ),
  clientId: z.string().min(1).meta(about('Client ID (AppKey) of the internal application.', 'ding8x2k4m6n8p')),
  clientSecret: secret('Client Secret (AppSecret) of the internal application.', '${env:DINGTALK_SECRET}'),
  stream: z
    .boolean()
    .default(true)
    .meta(about('Receive events over a connection we open: needs no public address.', true)),
  callback: callback
    .optional()
    .meta(about('Receive events as HTTP pushes to /hooks/<connection>/callback.', { token: '…', aesKey: '…' })),
  commentAs: z
    .string()
    .min(1)
    .optional()
    .meta(about('User id in whose name comments are written and forms are listed.', '0148256739102937')),
  corpId: z
    .string()
    .min(1)
    .optional()
    .meta(about('Corp id; events of another one are skipped.', 'ding7f3c9a1e5b2d4c68')),
  perMonth: z
    .int()
    .min(0)
    .default(5000)
    .meta(about('API calls the organisation may make in a month; 0 sets no limit.', 5000)),
})
export type Settings = z.infer<typeof settings>

/** The two API generations (dingtalk.md, first table), without a slash at the end. */
export interface Hosts {
  readonly api: string
  readonly oapi: string
}

export function hostsOf({ address }: Pick<Settings, 'address'>): Hosts {
  if (!address) return { api: 'https://api.dingtalk.com', oapi: 'https://oapi.dingtalk.com' }
  const root = address.replace(/\/+$/, '')
  return { api: root, oapi: root }
}
