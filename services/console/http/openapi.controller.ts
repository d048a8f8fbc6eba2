import { Inject } from '@nestjs/common'
import { openApi } from '../openapi.ts'
import type { ConsolePorts } from '../ports.ts'
import { declaredRoutes } from './declared.ts'
import { Api, Route } from './route.ts'
import { PORTS, ROUTED } from './tokens.ts'
import type { Routed } from './tokens.ts'

/** The page that says all of this. */
@Api()
export class OpenApiController {
  constructor(
    @Inject(PORTS) private readonly ports: ConsolePorts,
    @Inject(ROUTED) private readonly routed: Routed,
  ) {}

  @Route('get', '/api/v1/openapi.json', { summary: 'This page' })
  async page() {
    return openApi(declaredRoutes(this.routed), (await this.ports.status()).version)
  }
}
