import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** How fast the hub may read from DingTalk: as it can, or not at all, so that receipts wait. */
export type Pace = 'free' | 'held'

/**
 * Copies the example project and changes what the bench needs: 64 calls at once, no limits of rate, no stream, room for a
 * million waiting receipts, and no comment afterwards, so that one approval is one effect.
 */
export function writeProject(example: string, folder: string, pace: Pace): void {
  cpSync(example, folder, { recursive: true })
  const perSecond = pace === 'free' ? 0 : 0.0001
  change(join(folder, 'connections/dingtalk-main.yaml'), (text) => [
    replaced(text, '  stream: true\n', '  stream: false\n'),
    `limits: { concurrency: 64, perSecond: ${perSecond}, perMonth: 0 }\n`,
  ])
  change(join(folder, 'connections/kingdee-main.yaml'), (text) => [text, 'limits: { concurrency: 64, perSecond: 0 }\n'])
  change(join(folder, 'hub.yaml'), (text) => [text, 'limits: { waiting: 1000000 }\n'])
  change(join(folder, 'flows/payment-to-voucher.yaml'), (text) => [text.slice(0, text.indexOf('  - name: note\n'))])
}

/** Limits that a file says already make room for ours. */
function change(file: string, by: (text: string) => readonly string[]): void {
  const text = readFileSync(file, 'utf8').replace(/^limits:.*\n( .*\n)*/m, '')
  writeFileSync(file, by(text).join(''))
}

function replaced(text: string, from: string, to: string): string {
  if (text.split(from).length !== 2) throw new Error(`the example does not say ${from.trim()} once`)
  return text.replace(from, to)
}
