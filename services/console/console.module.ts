import { Module, type DynamicModule } from '@nestjs/common'
import { AccessGuard } from './http/access.guard.ts'
import { DoorController } from './http/door.controller.ts'
import { HealthController } from './http/health.controller.ts'
import { OpenApiController } from './http/openapi.controller.ts'
import { OperationsController } from './http/operations.controller.ts'
import { ProblemFilter } from './http/problem.filter.ts'
import { ProjectController } from './http/project.controller.ts'
import { ProofController } from './http/proof.controller.ts'
import { RegistryController } from './http/registry.controller.ts'
import { DESK, PORTS, ROUTED } from './http/tokens.ts'
import { WorkController } from './http/work.controller.ts'
import { measure } from './metrics.ts'
import type { ConsolePorts } from './ports.ts'
import { deskOf } from './registry/desk.ts'

const controllers = [
  WorkController,
  ProofController,
  ProjectController,
  OperationsController,
  DoorController,
  HealthController,
  OpenApiController,
]

@Module({})
class ConsoleModule {}

/**
 * The API as a module: its routes are `/api/v1/…`, `/registry/…`, `/livez`, `/readyz` and `/metrics`. The server should
 * hand bodies on as bytes, so that they are read without loss, and take `ProblemFilter` as its global filter for what no
 * route answers.
 */
export function consoleModule(ports: ConsolePorts): DynamicModule {
  measure(ports)
  return {
    module: ConsoleModule,
    controllers: [...controllers, RegistryController],
    providers: [
      { provide: PORTS, useValue: ports },
      { provide: ROUTED, useValue: controllers },
      { provide: DESK, useValue: deskOf(ports) },
      AccessGuard,
      ProblemFilter,
    ],
  }
}
