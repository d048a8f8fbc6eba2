/** The bare program, first half: verifies, decrypts and answers a push; nothing stored. Then it posts, if it is asked to. */
import { createCipheriv, createDecipheriv, createSecretKey, hash, randomBytes } from 'node:crypto'
import Fastify from 'fastify'
import { openPost } from './post.ts'

const [target = '', token = '', aes = '', receiver = '', tables = ''] = process.argv.slice(2)
const bytes = Buffer.from(`${aes}=`, 'base64')
const key = createSecretKey(bytes)
const iv = bytes.subarray(0, 16)
const post = openPost(target, tables)

function signed(time: string, nonce: string, text: string): string {
  return hash('sha1', [token, time, nonce, text].toSorted().join(''))
}

function decrypt(text: string): string {
  const cipher = createDecipheriv('aes-256-cbc', key, iv).setAutoPadding(false)
  const plain = Buffer.concat([cipher.update(text, 'base64'), cipher.final()])
  return plain.toString('utf8', 20, 20 + plain.readUInt32BE(16))
}

function sealed(text: string): string {
  const head = Buffer.concat([randomBytes(16), Buffer.from([0, 0, 0, text.length]), Buffer.from(text + receiver)])
  const pad = 32 - (head.length % 32)
  const cipher = createCipheriv('aes-256-cbc', key, iv).setAutoPadding(false)
  return Buffer.concat([cipher.update(head), cipher.update(Buffer.alloc(pad, pad)), cipher.final()]).toString('base64')
}

interface Push {
  readonly Querystring: { readonly signature: string; readonly timestamp: string; readonly nonce: string }
  readonly Body: { readonly encrypt: string }
}

const server = Fastify()
for (const mode of ['only', 'chain'] as const) {
  server.post<Push>(`/hooks/${mode}`, async ({ query, body }, reply) => {
    if (signed(query.timestamp, query.nonce, body.encrypt) !== query.signature) return reply.status(401).send()
    const event = JSON.parse(decrypt(body.encrypt)) as { processInstanceId: string }
    if (mode === 'chain') void post(event.processInstanceId)
    const time = String(Date.now())
    const nonce = randomBytes(8).toString('hex')
    const encrypt = sealed('success')
    return { msg_signature: signed(time, nonce, encrypt), timeStamp: time, nonce, encrypt }
  })
}

/** Posts a whole list, 64 at a time. */
server.post<{ Body: { ids: string[] } }>('/run', { bodyLimit: 1e8 }, async ({ body: { ids } }) => {
  const work = ids.values()
  const worker = async (): Promise<void> => {
    for (const id of work) await post(id)
  }
  await Promise.all(Array.from({ length: 64 }, worker))
  return { posted: ids.length }
})

process.stdout.write(`ready ${await server.listen({ port: 0, host: '127.0.0.1' })}\n`)
