import { createHmac, createSecretKey, type KeyObject } from 'node:crypto'

/** Who calls, as both log-ins need it. */
export interface Identity {
  readonly acctId: string
  readonly userName: string
  readonly appId: string
  readonly appSecret: string
  readonly lcid: number
  readonly orgNum: string
}

/** Makes the headers of one signed call. `path` = from the first `/` after the host. */
export type Signer = (path: string, timestamp: string, nonce: string) => Readonly<Record<string, string>>

/** The vendor's constant that hides the gateway secret inside the application id (kingdee.md §2.2). */
const mask = Buffer.from('0054f397c6234378b09ca7d3e5debce7', 'ascii')

/** Client id and gateway secret out of `<clientId>_<hidden secret>`; without `_` there is no gateway secret. */
export function splitAppId(appId: string): { readonly clientId: string; readonly clientSecret: string | undefined } {
  const [clientId = '', hidden] = appId.split('_', 2)
  if (hidden === undefined) return { clientId, clientSecret: undefined }
  const plain = Buffer.from(hidden, 'base64').map((byte, at) => byte ^ (mask[at % mask.length] ?? 0))
  return { clientId, clientSecret: Buffer.from(plain).toString('base64') }
}

/** Both of Kingdee's signatures are the hex text of the HMAC, written as base64. */
function sign(key: KeyObject, text: string): string {
  return Buffer.from(createHmac('sha256', key).update(text, 'utf8').digest('hex'), 'ascii').toString('base64')
}

const keyOf = (secret: string): KeyObject => createSecretKey(secret, 'utf8')

/** Signed headers of the third-party grant (kingdee.md §2.2). The keys are prepared once. */
export function openSigner(identity: Identity): Signer {
  const { clientId, clientSecret } = splitAppId(identity.appId)
  const gatewayKey = clientSecret === undefined ? undefined : keyOf(clientSecret)
  const { acctId, userName, lcid, orgNum } = identity
  const appData = `${acctId},${userName},${lcid},${orgNum}`
  const same = {
    'X-Api-ClientID': clientId,
    'X-Api-Auth-Version': '2.0',
    'x-api-signheaders': 'X-Api-TimeStamp,X-Api-Nonce',
    'X-Kd-Appkey': identity.appId,
    'X-Kd-Appdata': Buffer.from(appData, 'utf8').toString('base64'),
    'X-Kd-Signature': sign(keyOf(identity.appSecret), identity.appId + appData),
  }
  return (path, timestamp, nonce) => {
    const text = `POST\n${encodeURIComponent(path)}\n\nx-api-nonce:${nonce}\nx-api-timestamp:${timestamp}\n`
    return {
      ...same,
      'x-api-timestamp': timestamp,
      'x-api-nonce': nonce,
      'X-Api-Signature': gatewayKey ? sign(gatewayKey, text) : '',
    }
  }
}
