import { describe, expect, it } from 'vitest'
import vectors from './facts/kingdee-sign.json' with { type: 'json' }
import { openSigner, splitAppId } from './signature.ts'

describe('signed headers', () => {
  it('the gateway secret is found inside the application id', () => {
    const { appId, clientId, clientSecret } = vectors.appIdSplit
    expect(splitAppId(appId)).toEqual({ clientId, clientSecret })
  })

  it.each(vectors.signatureHeaders)('$id: every header equals the official SDK', ({ input, expectedHeaders }) => {
    const headers = openSigner(input)(input.path, input.timestamp, input.nonce)
    expect({ ...headers, 'x-api-signheaders': input.signHeadersStyle }).toEqual(expectedHeaders)
  })

  it('an application id without a gateway part sends an empty gateway signature', () => {
    const identity = { acctId: 'a', userName: 'u', appId: '219903', appSecret: 's', lcid: 2052, orgNum: '0' }
    expect(openSigner(identity)('/k3cloud/x', '1', '1')).toMatchObject({
      'X-Api-ClientID': '219903',
      'X-Api-Signature': '',
    })
  })
})
