import { HubError } from '@shuniu/contracts'
import type { KafkaLogSettings } from '@shuniu/infra/config'
import { openKafka, type KafkaDriver } from '@shuniu/infra/kafka'
import { openProject, refuse, type OpenProject } from '../project.ts'
import type { Cli } from './command.ts'
import { ours } from './settings.ts'

/** The project and its Kafka settings. Throws `topics.embedded`. */
export async function onKafka({ options, host }: Cli): Promise<{ open: OpenProject; log: KafkaLogSettings }> {
  const open = await openProject(options.project, ours(host.environment))
  refuse(open.problems, options.project)
  const { log } = open.project.hub
  if (log === 'embedded') throw new HubError('topics.embedded')
  return { open, log }
}

/** Connects for as long as `work` takes. */
export async function withKafka<T>(
  { screen, options }: Cli,
  { brokers, security }: KafkaLogSettings,
  work: (kafka: KafkaDriver) => Promise<T>,
): Promise<T> {
  // What a client says about its attempts is in the error that ends them.
  const report = (message: string): void => (options.logLevel === 'debug' ? screen.talk(message) : undefined)
  const kafka = await openKafka({ brokers, security }, report)
  try {
    return await work(kafka)
  } finally {
    await kafka.close()
  }
}
