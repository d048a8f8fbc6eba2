import type { Writable } from 'node:stream'
import { HubError, type Language } from '@shuniu/contracts'
import { exits } from './failure.ts'

/**
 * What a stream that takes no more means. A reader that goes away (`| head`) is no error; data that cannot be written
 * (a full disk) ends the process with `cli.not-written`; talk that cannot be written has nobody to be told to.
 */
export function endWithStreams(
  { stdout, stderr }: { readonly stdout: Writable; readonly stderr: Writable },
  language: Language,
  end: (code: number) => void,
): void {
  stdout.on('error', ({ code = 'EIO' }: NodeJS.ErrnoException) => {
    if (code === 'EPIPE') return end(exits.fine)
    const error = new HubError('cli.not-written', { file: 'stdout', because: code })
    stderr.write(`${error.code}  ${error.say(language)}\n  → ${error.help(language)}\n`)
    end(exits.failed)
  })
  stderr.on('error', ({ code }: NodeJS.ErrnoException) => {
    if (code === 'EPIPE') end(exits.fine)
  })
}
