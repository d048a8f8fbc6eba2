import type { Rig } from './rig.ts'

/** Asks the hub's API; fails with what it says when it refuses. */
export async function api<T>({ hub }: Pick<Rig, 'hub'>, path: string, body?: object): Promise<T> {
  const init = body && { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
  const answer = await fetch(`${hub.url}/api/v1/${path}`, init)
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`)
  return (await answer.json()) as T
}

export interface ParkedItem {
  readonly kind: 'run' | 'receipt'
  readonly id: number
  readonly number?: string
  readonly reason: string
  readonly message: string
}

/** What waits for a person, in English. */
export async function parked(rig: Pick<Rig, 'hub'>): Promise<readonly ParkedItem[]> {
  return (await api<{ items: ParkedItem[] }>(rig, 'parked?lang=en')).items
}
