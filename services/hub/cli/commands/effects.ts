import { listing } from '../listing.ts'

/** `shuniu effects`: the ledger of what was sent, newest first. */
export const effects = listing({
  usage: 'effects',
  help: 'help.effects',
  path: 'effects',
  filters: [
    { flags: '--state <state>', help: 'help.state' },
    { flags: '--connection <name>', help: 'help.by-connection' },
    { flags: '--number <number>', help: 'help.by-number' },
    { flags: '--run <id>', help: 'help.by-run' },
    { flags: '--reference <reference>', help: 'help.by-reference' },
  ],
  columns: [
    { title: 'word.reference', of: 'reference' },
    { title: 'word.number', of: 'number' },
    { title: 'word.operation', of: ({ connection, operation }) => `${String(connection)}/${String(operation)}` },
    { title: 'word.grade', of: 'grade' },
    { title: 'word.state', of: 'state' },
    { title: 'word.document', of: ({ documentNumber, document }) => String(documentNumber ?? document ?? '') },
    { title: 'word.sends', of: 'sends', side: 'right' },
    { title: 'word.since', of: 'sentAt', isMoment: true },
    { title: 'word.message', of: ({ error }) => messageOf(error) },
  ],
})

function messageOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : ''
}
