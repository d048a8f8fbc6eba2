import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

const GATEWAY_KEY = Buffer.from('0054f397c6234378b09ca7d3e5debce7', 'ascii')

/** An application grant, as the administrator hands it out. */
export interface Grant {
  readonly appId: string
  readonly appSecret: string
}

/** `appId` = client id + `_` + the masked gateway secret (kingdee.md §2.2). */
export function splitAppId(appId: string): { clientId: string; clientSecret: string } {
  const [clientId = '', masked = ''] = appId.split('_')
  const secret = Buffer.from(masked, 'base64').map((byte, index) => byte ^ (GATEWAY_KEY[index] ?? 0))
  return { clientId, clientSecret: Buffer.from(secret).toString('base64') }
}

/** Hex first, then base64 of the hex text. */
function hmac(key: string, text: string): string {
  const hex = createHmac('sha256', key).update(text, 'utf8').digest('hex')
  return Buffer.from(hex, 'ascii').toString('base64')
}

/** What `X-Api-Signature` must be for a POST to this path, as it stands in the request line. */
export function gatewaySignature(appId: string, path: string, nonce: string, timestamp: string): string {
  const text = `POST\n${encodeURIComponent(decodeURIComponent(path))}\n\nx-api-nonce:${nonce}\nx-api-timestamp:${timestamp}\n`
  return hmac(splitAppId(appId).clientSecret, text)
}

/** What `X-Kd-Signature` must be; `appData` is the plain text. */
export const appSignature = ({ appId, appSecret }: Grant, appData: string): string => hmac(appSecret, appId + appData)

/** What `LoginBySign` must carry; `timestamp` in seconds. */
export function loginSignature(grant: Grant, acctId: string, userName: string, timestamp: string): string {
  // The default order of toSorted() is the ordinal one the vendor asks for.
  const sorted = [acctId, userName, grant.appId, grant.appSecret, timestamp].toSorted()
  return createHash('sha256').update(sorted.join(''), 'utf8').digest('hex')
}

const same = (left: string, right: string): boolean =>
  left.length === right.length && timingSafeEqual(Buffer.from(left), Buffer.from(right))

/** Who the signature headers speak for. */
export interface Claim {
  readonly acctId: string
  readonly userName: string
  readonly lcid: string
  /** Both signatures, the application and the client id are right. Timestamp and nonce are not judged (§2.3). */
  readonly genuine: boolean
}

/** Reads the signature headers of §2.2; undefined when there are none. */
export function readClaim(headers: IncomingHttpHeaders, path: string, grant: Grant): Claim | undefined {
  const header = (name: string): string => [headers[name] ?? ''].flat()[0] ?? ''
  if (header('x-kd-appkey') === '') return undefined
  const appData = Buffer.from(header('x-kd-appdata'), 'base64').toString('utf8')
  const [acctId = '', userName = '', lcid = ''] = appData.split(',')
  const gateway = gatewaySignature(grant.appId, path, header('x-api-nonce'), header('x-api-timestamp'))
  const genuine =
    header('x-kd-appkey') === grant.appId &&
    header('x-api-clientid') === splitAppId(grant.appId).clientId &&
    same(header('x-api-signature'), gateway) &&
    same(header('x-kd-signature'), appSignature(grant, appData))
  return { acctId, userName, lcid, genuine }
}
