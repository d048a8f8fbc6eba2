import { styleText } from 'node:util'
import { writeJson } from '@shuniu/infra/json'
import type { ErrorParameters, Language, Value } from '@shuniu/contracts'
import type { Host } from './host.ts'
import { layPairs, layTable, type Column } from './layout.ts'
import { say, type TextKey } from './texts.ts'

export type Paint = 'red' | 'green' | 'yellow' | 'dim' | 'bold'

const clearLine = '\r\u001b[K'

/** What a command shows: data on stdout, talk on stderr. With `--json` stdout holds JSON and nothing for eyes. */
export class Screen {
  private progressing = false

  constructor(
    private readonly host: Host,
    readonly json: boolean,
    readonly language: Language,
  ) {}

  /** One JSON document, or one line of a stream of them. */
  data(document: unknown): void {
    this.endProgress()
    this.host.out.write(`${JSON.stringify(document)}\n`)
  }

  /** The same for values of the hub: every digit is kept. */
  value(value: Value): void {
    this.endProgress()
    this.host.out.write(`${writeJson(value)}\n`)
  }

  line(text = ''): void {
    this.endProgress()
    this.host.out.write(`${text}\n`)
  }

  table(columns: readonly Column[], rows: readonly (readonly string[])[], indent = ''): void {
    const [titles = '', ...lines] = layTable(columns, rows)
    this.line(indent + this.paint('bold', titles))
    for (const line of lines) this.line(indent + line)
  }

  pairs(pairs: readonly (readonly [string, string])[]): void {
    for (const line of layPairs(pairs)) this.line(line)
  }

  talk(text: string): void {
    this.endProgress()
    this.host.err.write(`${text}\n`)
  }

  /** Where long work stands. On a terminal one line that changes; else nothing, so that logs stay short. */
  progress(text: string): void {
    if (this.host.err.isTTY !== true) return
    this.progressing = true
    this.host.err.write(`${clearLine}${text}`)
  }

  say(key: TextKey, parameters: ErrorParameters = {}): string {
    return say(this.language, key, parameters)
  }

  /** Colours only on a terminal whose user wants them. */
  paint(how: Paint, text: string, to: 'out' | 'err' = 'out'): string {
    const wanted = this.host[to].isTTY === true && !this.host.environment['NO_COLOR']
    return wanted && text !== '' ? styleText(how, text, { validateStream: false }) : text
  }

  private endProgress(): void {
    if (!this.progressing) return
    this.progressing = false
    this.host.err.write(clearLine)
  }
}
