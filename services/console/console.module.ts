import { Module, type DynamicModule } from '@nestjs/common'
import { AccessGuard } from './http/access.guard.ts'
import { ProblemFilter } from './http/problem.filter.ts'
import { PORTS } from './http/tokens.ts'
import type { ConsolePorts } from './ports.ts'

@Module({})
class ConsoleModule {}

/** The API as a module: its routes begin with `/api/v1`, `/livez`, `/readyz` and `/metrics`. */
export function consoleModule(ports: ConsolePorts): DynamicModule {
  return {
    module: ConsoleModule,
    controllers: [],
    providers: [{ provide: PORTS, useValue: ports }, AccessGuard, ProblemFilter],
  }
}
