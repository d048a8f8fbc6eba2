import { listing } from '../listing.ts'

/** `shuniu runs`: the executions of flows, newest first. */
export const runs = listing({
  usage: 'runs',
  help: 'help.runs',
  path: 'runs',
  leavesOut: 'help.all-runs',
  filters: [
    { flags: '--state <state>', help: 'help.state' },
    { flags: '--flow <name>', help: 'help.by-flow' },
    { flags: '--number <number>', help: 'help.by-number' },
    { flags: '--reason <reason>', help: 'help.by-reason' },
    { flags: '--key <key>', help: 'help.by-key' },
  ],
  columns: [
    { title: 'word.id', of: 'id', side: 'right' },
    { title: 'word.created', of: 'createdAt', isMoment: true },
    { title: 'word.flow', of: 'flow' },
    { title: 'word.kind', of: (item) => (item['kind'] === 'undo' ? 'undo' : '') },
    { title: 'word.number', of: 'number' },
    { title: 'word.revision', of: 'revision', side: 'right' },
    { title: 'word.state', of: 'state' },
    { title: 'word.reason', of: 'reason' },
    { title: 'word.message', of: 'message' },
  ],
})
