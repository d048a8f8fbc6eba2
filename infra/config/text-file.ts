import { readFileSync, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { HubError, problem, type Problem } from '@shuniu/contracts'

/** A text as it was found, or why it cannot be taken. Never both. `mark` is the byte order mark before it, if any. */
export type TextRead =
  | { readonly text: string; readonly mark: string; readonly problems: readonly [] }
  | { readonly text?: undefined; readonly problems: readonly [Problem] }

const MARK = '\ufeff'

const REFUSED_BYTES = /^(?:\xff\xfe|\xfe\xff)/
// Control characters but tab and line ends; characters that reorder or hide text on the screen.
// oxlint-disable-next-line no-control-regex
const REFUSED_CHARACTERS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u202a-\u202e\u2066-\u2069\ufffe\uffff]/

/**
 * Reads a file a person wrote: UTF-8 with or without byte order mark, at most `maxBytes`, without invisible control
 * characters. The mark is not part of the text; line ends stay as they are. `file` is the name used in problems.
 */
export async function readText(path: string, file: string, maxBytes: number): Promise<TextRead> {
  try {
    const bytes = await readBytes(path, maxBytes)
    if (!bytes) return refused(tooLarge(file, maxBytes))
    return decodeText(bytes, file, maxBytes)
  } catch (error) {
    return refused(unreadable(error, file))
  }
}

/** The bytes of a plain file; undefined when there are more than `maxBytes`. Never waits on a pipe or a device. */
async function readBytes(path: string, maxBytes: number): Promise<Buffer | undefined> {
  const file = await open(path, 'r')
  try {
    const found = await file.stat()
    if (!found.isFile()) throw Object.assign(new Error('not a plain file'), { code: 'ENOTFILE' })
    return found.size > maxBytes ? undefined : await file.readFile()
  } finally {
    await file.close()
  }
}

/** Text of bytes that came from elsewhere, under the same rules as `readText`. */
export function decodeText(bytes: Uint8Array, file: string, maxBytes: number): TextRead {
  if (bytes.byteLength > maxBytes) return refused(tooLarge(file, maxBytes))
  if (REFUSED_BYTES.test(Buffer.from(bytes.subarray(0, 2)).toString('latin1'))) return refused(notUtf8(file))
  try {
    return checkText(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes), file, maxBytes)
  } catch {
    return refused(notUtf8(file))
  }
}

/** The same rules for text that is in memory already. */
export function checkText(source: string, file: string, maxBytes: number): TextRead {
  const mark = source.startsWith(MARK) ? MARK : ''
  const text = source.slice(mark.length)
  if (Buffer.byteLength(text) > maxBytes) return refused(tooLarge(file, maxBytes))
  const found = REFUSED_CHARACTERS.exec(text)
  if (!found) return { text, mark, problems: [] }
  const character = `U+${found[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`
  const before = text.slice(0, found.index).split('\n')
  const place = { file, line: before.length, column: (before.at(-1) ?? '').length + 1 }
  return refused(problem('config.control-character', { character }, place))
}

function refused(one: Problem): TextRead {
  return { problems: [one] }
}

const startOf = (file: string): { file: string; line: number; column: number } => ({ file, line: 1, column: 1 })

function tooLarge(file: string, maxBytes: number): Problem {
  return problem('config.too-large', { file, limit: Math.floor(maxBytes / 1024), unit: 'KB' }, startOf(file))
}

function notUtf8(file: string): Problem {
  return problem('config.not-utf8', { file }, startOf(file))
}

function unreadable(error: unknown, file: string): Problem {
  const code = reasonOf(error)
  const parameters = { file, because: code }
  const found = code === 'ENOENT' ? 'config.not-found' : 'config.unreadable'
  return { severity: 'error', error: new HubError(found, parameters, { cause: error, place: startOf(file) }) }
}

/** The system's word for a failed file operation, such as `EACCES`. */
export function reasonOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
}

const LARGEST_SECRET = 64 * 1024

/** Text of a small plain file, without its last line end. Throws what the system says. */
export function readSecretFile(path: string): string {
  const found = statSync(path)
  if (!found.isFile()) throw Object.assign(new Error('not a plain file'), { code: 'ENOTFILE' })
  if (found.size > LARGEST_SECRET) throw Object.assign(new Error('too large'), { code: 'EFBIG' })
  return readFileSync(path, 'utf8').replace(/\r?\n$/, '')
}
