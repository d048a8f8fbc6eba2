import { HubError } from '@shuniu/contracts'
import { itemsOf, longPatience, textOf } from '../api.ts'
import { flagText, type CliCommand } from '../command.ts'
import { exits } from '../failure.ts'
import { showItems } from '../listing.ts'

/** `shuniu reconcile --period 2026-11`: approvals, ledger and target side by side. Exit code 1 when something differs. */
export const reconcile: CliCommand = {
  usage: 'reconcile',
  help: 'help.reconcile',
  needs: 'hub',
  options: [
    { flags: '--period <yyyy-MM>', help: 'help.period', required: true },
    { flags: '--connection <name>', help: 'help.by-connection' },
  ],
  async run(cli, given) {
    const { api, screen } = cli
    const period = flagText(given, 'period') ?? ''
    if (!/^\d{4}-(0[1-9]|1[0-2])$/.test(period))
      throw new HubError('usage.bad-value', { what: '--period', example: '2026-11' })
    screen.progress(screen.say('said.reconciling', { period }))
    const found = await api.get('reconcile', { period, connection: flagText(given, 'connection') }, longPatience)
    const findings = itemsOf(found['findings'])
    if (screen.json) screen.data(found)
    else {
      if (findings.length > 0) {
        showItems(cli, findings, [
          { title: 'word.kind', of: 'kind' },
          { title: 'word.number', of: 'number' },
          { title: 'word.document', of: 'document' },
          { title: 'word.expected', of: 'expected' },
          { title: 'word.found', of: 'found' },
          { title: 'word.proposal', of: 'proposal' },
        ])
      }
      const { approvals, vouchers } = found
      screen.line(
        screen.say('said.reconciled', {
          approvals: textOf(approvals),
          vouchers: textOf(vouchers),
          findings: findings.length,
        }),
      )
    }
    return findings.length > 0 ? exits.failed : exits.fine
  },
}
