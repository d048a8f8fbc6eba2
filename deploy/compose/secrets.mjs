// Writes the secrets that docker-compose.yml names, random ones, where there is none yet: node deploy/compose/secrets.mjs
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('secrets', import.meta.url))
mkdirSync(folder, { recursive: true, mode: 0o700 })

secret('token', () => random())
const password = secret('postgres_password', () => random())
secret('database_url', () => `postgres://shuniu:${password}@postgres:5432/shuniu`)
secret('grafana_password', () => random())

/** Its text. Whoever may enter the folder may read it: the hub does so as another user. */
function secret(name, make) {
  const file = join(folder, name)
  if (!existsSync(file)) {
    writeFileSync(file, make(), { mode: 0o444 })
    process.stdout.write(`${file}\n`)
  }
  return readFileSync(file, 'utf8').trim()
}

function random() {
  return randomBytes(32).toString('base64url')
}
