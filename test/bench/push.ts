import { createCipheriv, createSecretKey, hash, randomBytes } from 'node:crypto'

/** One signed and encrypted push, ready to be posted. */
export interface Push {
  readonly id: string
  readonly query: string
  readonly body: string
}

export interface Keys {
  readonly token: string
  readonly aesKey: string
  readonly receiveId: string
}

/** Makes pushes that say an approval of this form was agreed, as DingTalk sends them (dingtalk.md §2). */
export function pushes(keys: Keys, form: string, ids: readonly string[]): Push[] {
  const bytes = Buffer.from(`${keys.aesKey}=`, 'base64')
  const key = createSecretKey(bytes)
  const seal = (text: string): string => {
    const message = Buffer.from(text)
    const length = Buffer.alloc(4)
    length.writeUInt32BE(message.length)
    const bare = Buffer.concat([randomBytes(16), length, message, Buffer.from(keys.receiveId)])
    const pad = 32 - (bare.length % 32)
    const cipher = createCipheriv('aes-256-cbc', key, bytes.subarray(0, 16)).setAutoPadding(false)
    return Buffer.concat([cipher.update(bare), cipher.update(Buffer.alloc(pad, pad)), cipher.final()]).toString(
      'base64',
    )
  }
  return ids.map((id) => {
    const encrypt = seal(finished(id, form, keys.receiveId))
    const timestamp = String(Date.now())
    const nonce = randomBytes(6).toString('hex')
    const signature = hash('sha1', [keys.token, timestamp, nonce, encrypt].toSorted().join(''))
    const query = new URLSearchParams({ signature, msg_signature: signature, timestamp, nonce }).toString()
    return { id, query, body: JSON.stringify({ encrypt }) }
  })
}

function finished(id: string, form: string, corpId: string): string {
  const now = Date.now()
  return JSON.stringify({
    EventType: 'bpms_instance_change',
    EventTime: now,
    CorpId: corpId,
    BizId: String(Math.trunc(now / 1000)),
    eventId: hash('md5', id),
    processInstanceId: id,
    createTime: now - 60_000,
    finishTime: now,
    processCode: form,
    bizCategoryId: '',
    businessId: '202611220900000000001',
    businessType: '',
    type: 'finish',
    result: 'agree',
    title: '陈晓明提交的付款申请',
    staffId: '01482567391029374',
    url: `https://aflow.dingtalk.com/dingtalk/mobile/homepage.htm?corpid=${corpId}&procInstId=${id}`,
  })
}
