import { loggers, logLevels } from '@shuniu/infra/telemetry'
import { z } from 'zod'
import type { ConsolePorts } from './ports.ts'

/** Stands for every logger that has no level of its own. */
const root = 'root'

export const loggerParams = z.strictObject({ name: z.enum([root, ...loggers]) })
export const levelBody = z.strictObject({
  level: z.enum([...logLevels, 'inherit']).meta({ description: 'inherit: as all others' }),
})
export const loggerList = z.object({
  level: z.enum(logLevels).meta({ description: 'Of every logger that has none of its own' }),
  loggers: z.array(z.object({ name: z.enum(loggers), level: z.enum(logLevels) })),
})
type LoggerList = z.output<typeof loggerList>

/** Which lines of the operators' log are written, logger by logger. */
export function listLoggers({ levels }: Pick<ConsolePorts, 'levels'>): LoggerList {
  return { level: levels.root, loggers: loggers.map((name) => ({ name, level: levels.of(name) })) }
}

/** Changes that from now on, until the process ends. */
export function setLogger(
  ports: Pick<ConsolePorts, 'levels'>,
  { name, level }: z.output<typeof loggerParams> & z.output<typeof levelBody>,
): LoggerList {
  const { levels } = ports
  if (name !== root) levels.set(name, level === 'inherit' ? undefined : level)
  else if (level !== 'inherit') levels.root = level
  return listLoggers(ports)
}
