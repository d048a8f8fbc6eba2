import { listing } from '../listing.ts'

/** `shuniu receipts`: what vendors handed over, newest first. */
export const receipts = listing({
  usage: 'receipts',
  help: 'help.receipts',
  path: 'receipts',
  leavesOut: 'help.all-receipts',
  filters: [
    { flags: '--state <state>', help: 'help.state' },
    { flags: '--connection <name>', help: 'help.by-connection' },
    { flags: '--number <number>', help: 'help.by-number' },
    { flags: '--subject <id>', help: 'help.by-subject' },
  ],
  columns: [
    { title: 'word.id', of: 'id', side: 'right' },
    { title: 'word.received', of: 'receivedAt', isMoment: true },
    { title: 'word.connection', of: 'connection' },
    { title: 'word.origin', of: 'origin' },
    { title: 'word.number', of: 'number' },
    { title: 'word.subject', of: 'subject' },
    { title: 'word.state', of: 'state' },
    { title: 'word.reason', of: 'reason' },
    { title: 'word.message', of: 'message' },
  ],
})
