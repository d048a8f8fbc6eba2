/** One call a simulator was asked, as `GET /_sim/requests` shows it. Instants in ms since 1970. */
export interface Asked {
  readonly n: number
  readonly operation: string
  readonly arrivedMs: number
  readonly answeredMs?: number
  readonly status?: number
  readonly fault?: string
  readonly body: string
}

export interface Named {
  readonly id: string
  readonly number: string
}

export interface FaultRule {
  readonly on: string
  readonly fault: string
  readonly rate?: number
  readonly times?: number
  readonly ms?: number
  readonly seed?: number
}

/** What a person does in a system, and what its simulator saw: its control interface. */
export class Simulator {
  private seen = 0

  constructor(readonly url: string) {}

  act(name: string, input: object): Promise<Named> {
    return this.json(`/_sim/acts/${name}`, input) as Promise<Named>
  }

  async fault(...rules: readonly FaultRule[]): Promise<void> {
    await this.json('/_sim/faults', rules)
  }

  /** How often each fault in force fired. */
  async fired(): Promise<Readonly<Record<string, number>>> {
    const rules = (await this.json('/_sim/faults')) as (FaultRule & { fired: number })[]
    const sums: Record<string, number> = {}
    for (const { fault, fired } of rules) sums[fault] = (sums[fault] ?? 0) + fired
    return sums
  }

  async noFaults(): Promise<void> {
    await fetch(`${this.url}/_sim/faults`, { method: 'DELETE' })
  }

  /** What it was asked since the last time. */
  async news(): Promise<readonly Asked[]> {
    const { last, requests } = (await this.json(`/_sim/requests?after=${this.seen}`)) as {
      last: number
      requests: Asked[]
    }
    if (requests.length > 0 && requests[0]?.n !== this.seen + 1)
      throw new Error(`${this.url} forgot requests before they were read`)
    this.seen = last
    return requests
  }

  private async json(path: string, body?: object): Promise<unknown> {
    const init = body && { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
    const answer = await fetch(`${this.url}${path}`, init)
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`)
    return answer.json()
  }
}
