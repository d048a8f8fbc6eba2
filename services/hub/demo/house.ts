import { join } from 'node:path'
import { startShuniu, type Running } from './processes.ts'

/** Where the day is played. */
export interface Grounds {
  /** Holds a copy of the project as `project`, and whatever the hub keeps in files. */
  readonly folder: string
  /** Leads to the simulators. */
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly say: (en: string, zh: string) => void
}

/** What plays the hub's part in the day: one process, or many. */
export interface House {
  /** Address of the API. */
  readonly url: string
  /** Of every process of it. */
  readonly urls: readonly string[]
  start(grounds: Grounds): Promise<void>
  /** What happens to it in the middle of its work; resolves when it is up again. */
  strike(): Promise<void>
  close(): Promise<void>
}

/** One hub with its data in a folder; it is killed, and starts again on the same data. */
export class SoleHub implements House {
  private hub: Running | undefined
  private grounds: Grounds | undefined

  constructor(private readonly port: number) {}

  get url(): string {
    return this.hub?.url ?? ''
  }

  get urls(): readonly string[] {
    return [this.url]
  }

  async start(grounds: Grounds): Promise<void> {
    this.grounds = grounds
    const { folder, environment } = grounds
    const port = this.hub ? new URL(this.hub.url).port : String(this.port)
    const data = ['--project', join(folder, 'project'), '--data', join(folder, 'hub')]
    this.hub = await startShuniu(['start', ...data, '--port', port, '--log-level', 'error'], environment)
  }

  async strike(): Promise<void> {
    if (!this.grounds) return
    const { say } = this.grounds
    say('\n⚡ kill -9: the hub dies in the middle of its work …', '\n⚡ kill -9：枢纽在工作途中被强制终止……')
    await this.hub?.kill()
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    await this.start(this.grounds)
    say('  … and starts again on the same data.', '  ……并在原有数据上重新启动。')
  }

  async close(): Promise<void> {
    await this.hub?.stop()
  }
}
