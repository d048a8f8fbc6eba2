import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { appSignature, gatewaySignature, loginSignature, readClaim, splitAppId } from './signature.ts'

interface Vectors {
  appIdSplit: { appId: string; clientId: string; clientSecret: string }
  signatureHeaders: {
    id: string
    input: { path: string; timestamp: string; nonce: string; userName: string; appId: string; appSecret: string }
    intermediate: { appData: string }
    expectedHeaders: Record<string, string>
  }[]
  loginBySign: {
    cases: {
      id: string
      input: { acctId: string; userName: string; appId: string; appSecret: string; timestamp: number }
      sign: string
    }[]
  }
}

const vectors: Vectors = JSON.parse(readFileSync(new URL('../facts/kingdee-sign.json', import.meta.url), 'utf8'))

test('an appId splits into client id and client secret', () => {
  const { appId, clientId, clientSecret } = vectors.appIdSplit
  expect(splitAppId(appId)).toEqual({ clientId, clientSecret })
})

test.each(vectors.signatureHeaders)('both signatures of $id come out', ({ input, intermediate, expectedHeaders }) => {
  const gateway = gatewaySignature(input.appId, input.path, input.nonce, input.timestamp)
  expect(gateway).toBe(expectedHeaders['X-Api-Signature'])
  expect(appSignature(input, intermediate.appData)).toBe(expectedHeaders['X-Kd-Signature'])
})

const lowerCased = (headers: Record<string, string>) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))

test.each(vectors.signatureHeaders)('the headers of $id are genuine', ({ input, expectedHeaders }) => {
  const claim = readClaim(lowerCased(expectedHeaders), input.path, input)
  expect(claim).toMatchObject({ genuine: true, acctId: '6543a1b2c3d4e5', userName: input.userName, lcid: '2052' })
})

test.each(['x-api-signature', 'x-kd-signature', 'x-api-nonce', 'x-kd-appdata', 'x-api-clientid'])(
  'changed %s is not genuine',
  (name) => {
    for (const { input, expectedHeaders } of vectors.signatureHeaders) {
      const headers = lowerCased(expectedHeaders)
      const changed = { ...headers, [name]: `9${headers[name]}` }
      expect(readClaim(changed, input.path, input)?.genuine).toBe(false)
    }
  },
)

test('a signature for another path is not genuine', () => {
  for (const { input, expectedHeaders } of vectors.signatureHeaders) {
    expect(readClaim(lowerCased(expectedHeaders), input.path.replace('.common', 'X.common'), input)?.genuine).toBe(
      false,
    )
  }
})

test.each(vectors.loginBySign.cases)('the login signature of $id comes out', ({ input, sign }) => {
  expect(loginSignature(input, input.acctId, input.userName, String(input.timestamp))).toBe(sign)
})
