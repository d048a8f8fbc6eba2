import { Inject } from '@nestjs/common'
import type { z } from 'zod'
import type { ConsolePorts } from '../ports.ts'
import {
  createToken,
  listTokens,
  newToken,
  revokeBody,
  revokeToken,
  tokenBody,
  tokenItem,
  tokenList,
  tokenParams,
} from '../tokens.ts'
import { Api, Asked, Route } from './route.ts'
import { PORTS } from './tokens.ts'

/** Who may come in. */
@Api()
export class DoorController {
  constructor(@Inject(PORTS) private readonly ports: ConsolePorts) {}

  @Route('get', '/api/v1/tokens', { summary: 'Who may use the API', answer: tokenList, role: 'admin' })
  tokens() {
    return listTokens(this.ports)
  }

  @Route('post', '/api/v1/tokens', {
    summary: 'A new token, shown this once',
    body: tokenBody,
    answer: newToken,
    role: 'admin',
  })
  create(@Asked() ask: z.output<typeof tokenBody>) {
    return createToken(this.ports, ask)
  }

  @Route('post', '/api/v1/tokens/:name/revoke', {
    summary: 'Nobody is let in by this token any more',
    params: tokenParams,
    body: revokeBody,
    answer: tokenItem,
    role: 'admin',
  })
  revoke(@Asked() ask: z.output<typeof tokenParams> & z.output<typeof revokeBody>) {
    return revokeToken(this.ports, ask)
  }
}
