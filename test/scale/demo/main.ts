import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { runDemo, startShuniu } from '@shuniu/hub'
import { missingPrograms } from '@shuniu/infra/kafka/fixtures'
import { root } from '../../processes/root.ts'
import { ManyHubs } from './house.ts'
import type { ProcessReport } from './members.ts'

const usage = `npm run demo:scale -- [--once] [--json] [--keep] [--lang zh|en]

The day of the demo on a Kafka broker, a PostgreSQL, two ingress and three orchestrator processes, and the proof.
--once   end after the proof; exit code 0 only if it is whole and every survivor worked
--json   the proof as data
--keep   play nothing: print one line \`ready {…}\` with all addresses, and serve until SIGTERM
`

process.exitCode = await main()

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      once: { type: 'boolean' },
      json: { type: 'boolean' },
      keep: { type: 'boolean' },
      help: { type: 'boolean' },
      lang: { type: 'string', default: process.env['LANG']?.startsWith('zh') ? 'zh' : 'en' },
    },
  })
  if (values.help) return (process.stdout.write(usage), 0)
  const absent = missingPrograms()
  if (absent.length > 0)
    return (process.stderr.write(`A Kafka broker needs ${absent.join(' and ')} on this machine.\n`), 1)
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())
  const say = (line: string): void => void process.stderr.write(`${line}\n`)
  if (values.keep) return keep(say, stop.signal)
  return play(values.lang === 'zh' ? 'zh' : 'en', values, say, stop.signal)
}

async function play(
  language: 'zh' | 'en',
  { once = false, json = false }: { once?: boolean | undefined; json?: boolean | undefined },
  say: (line: string) => void,
  stopped: AbortSignal,
): Promise<number> {
  const house = new ManyHubs()
  const end = await runDemo({ language, port: 0, environment: process.env, say, stopped }, house)
  if (!end) return 130
  const processes = await house.report()
  const { whole, seconds, proof } = end
  const hasWorked = processes.every(worked)
  const tookOver = house.hadCallsOpen && processes.some(({ takeovers }) => takeovers > 0)
  if (json) process.stdout.write(`${JSON.stringify({ ...proof, seconds, processes })}\n`)
  else {
    const { approvals, vouchers, reversed, doubled, lost, findings } = proof
    say(`\n${JSON.stringify({ approvals, vouchers, reversed, doubled, lost, findings, seconds })}`)
    for (const one of processes) say(`  ${JSON.stringify(one)}`)
  }
  if (!hasWorked) say('a process did nothing')
  if (!tookOver) say('nobody took over open calls')
  if (!once && !stopped.aborted)
    await new Promise<void>((resolve) => stopped.addEventListener('abort', () => resolve(), { once: true }))
  await end.close()
  return whole && hasWorked && tookOver ? 0 : 1
}

function worked({ role, receipts, runs, effects, killed }: ProcessReport): boolean {
  return killed || (role === 'ingress' ? receipts > 0 : runs + effects > 0)
}

/** Everything is up, and nothing happens by itself. */
async function keep(say: (line: string) => void, stopped: AbortSignal): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'shuniu-scale-'))
  const house = new ManyHubs()
  const simulator = (name: string) =>
    startShuniu(['sim', name, '--port', '0', '--data', join(folder, name)], process.env)
  const simulators = await Promise.all([simulator('dingtalk'), simulator('kingdee')])
  try {
    cpSync(join(root, 'examples/payment-to-voucher'), join(folder, 'project'), { recursive: true })
    const [dingtalk, kingdee] = simulators
    const environment = { ...process.env, DINGTALK_URL: dingtalk?.url, KINGDEE_URL: kingdee?.url }
    await house.start({ folder, environment, say: (en) => say(en) })
    const systems = { dingtalk: dingtalk?.url, kingdee: kingdee?.url }
    process.stdout.write(`ready ${JSON.stringify({ ...house.addresses, ...systems })}\n`)
    if (!stopped.aborted)
      await new Promise<void>((resolve) => stopped.addEventListener('abort', () => resolve(), { once: true }))
    return 0
  } finally {
    await house.close()
    await Promise.all(simulators.map((one) => one.stop()))
    rmSync(folder, { recursive: true, force: true })
  }
}
