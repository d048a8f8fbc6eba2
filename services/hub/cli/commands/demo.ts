import { runDemo, type DemoEnd } from '../../demo/demo.ts'
import type { Cli, CliCommand } from '../command.ts'
import { wordIn } from '../words.ts'

/** `shuniu demo`: a day of approvals with trouble in it, and the proof. It is also `npm start`. */
export const demo: CliCommand = {
  usage: 'demo',
  help: 'help.demo',
  options: [{ flags: '--once', help: 'help.once' }],
  async run(cli, { flags }) {
    const { host, language, options, screen } = cli
    const stop = new AbortController()
    const forget = host.onStop(() => stop.abort())
    const end = await runDemo({
      language,
      port: options.port,
      environment: host.environment,
      say: (line) => screen.talk(line),
      stopped: stop.signal,
    })
    if (!end) return 130
    show(cli, end)
    if (flags['once'] !== true) await serve(cli, end, stop.signal)
    await end.close()
    forget()
    return end.whole ? 0 : 1
  },
}

function show({ screen }: Cli, { proof, whole, seconds }: DemoEnd): void {
  const { approvals, vouchers, reversed, explained, doubled, lost, parked, inDoubtResolved, findings } = proof
  if (screen.json)
    return screen.data({ approvals, vouchers, reversed, explained, doubled, lost, parked, inDoubtResolved, seconds })
  screen.line()
  screen.line(screen.paint('bold', screen.say('demo.proof')))
  screen.pairs([
    [screen.say('demo.approvals'), String(approvals)],
    [screen.say('demo.vouchers'), String(vouchers)],
    [screen.say('demo.reversed'), String(reversed)],
    [screen.say('demo.resolved'), String(inDoubtResolved)],
    [screen.say('demo.explained'), `${explained} / ${approvals}`],
    [screen.say('demo.doubled'), String(doubled)],
    [screen.say('demo.lost'), String(lost)],
  ])
  for (const { number, reason, next } of parked)
    screen.line(`  ! ${number}: ${wordIn(screen.language, reason)} — ${next}`)
  for (const finding of findings) screen.line(screen.paint('red', `  ✗ ${finding}`))
  screen.line(screen.paint(whole ? 'green' : 'red', screen.say(whole ? 'demo.whole' : 'demo.not-whole', { seconds })))
}

/** Keeps serving until Ctrl-C, so that everything can be looked at. */
async function serve({ screen }: Cli, { url }: DemoEnd, stopped: AbortSignal): Promise<void> {
  screen.talk(screen.say('demo.serving', { url }))
  if (stopped.aborted) return
  await new Promise<void>((resolve) => stopped.addEventListener('abort', () => resolve(), { once: true }))
}
