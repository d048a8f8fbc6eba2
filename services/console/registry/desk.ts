import type { ConsolePorts } from '../ports.ts'
import type { RegistryDesk } from './answer.ts'
import { Registry } from './registry.ts'

/** The registry of a hub, on the hub's own store. */
export function deskOf(ports: Pick<ConsolePorts, 'store' | 'clock' | 'contracts' | 'status' | 'report'>): RegistryDesk {
  const { store, clock, contracts } = ports
  async function readersOf(topic: string): Promise<string[]> {
    const type = contracts.find((one) => topic.endsWith(one.topic))?.type
    const { flows } = await ports.status()
    return flows.filter(({ on }) => on === type).map(({ name }) => name)
  }
  return {
    registry: new Registry({ store, clock, readersOf }),
    async id() {
      const [row] = await store.select('meta', { name: 'installation' })
      return row?.value ?? ''
    },
    version: async () => (await ports.status()).version,
    report: (error, path) => ports.report.error('registry.failed', { path, message: String(error) }),
  }
}
