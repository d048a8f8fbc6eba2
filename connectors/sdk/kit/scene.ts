import type { ConnectorDefinition } from '../connector.ts'
import { openHub } from './hub.ts'
import { openStand } from './stand.ts'
import type { Scene, Subject } from './subject.ts'
import { openWitness } from './witness.ts'

/** A system and a hub connected to it, for a connector's own tests. `await using` closes both. */
export async function openScene<Settings, Link>(
  definition: ConnectorDefinition<Settings, Link>,
  { simulator, options = {}, settings }: Pick<Subject<Link>, 'simulator' | 'options' | 'settings'>,
): Promise<Scene<Link> & AsyncDisposable> {
  const stand = await openStand(simulator, options)
  const hub = openHub(definition, settings(stand.url), openWitness())
  return {
    stand,
    hub,
    async [Symbol.asyncDispose]() {
      await hub.close()
      await stand.close()
    },
  }
}
