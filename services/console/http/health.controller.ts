import { Headers, Inject, Res } from '@nestjs/common'
import { HubError } from '@shuniu/contracts'
import type { z } from 'zod'
import { readiness, ready, readyQuery } from '../health.ts'
import type { ConsolePorts } from '../ports.ts'
import type { HttpReply } from './request.ts'
import { Api, Asked, Route } from './route.ts'
import { PORTS } from './tokens.ts'

/** What machines ask. */
@Api()
export class HealthController {
  constructor(@Inject(PORTS) private readonly ports: ConsolePorts) {}

  @Route('get', '/livez', { summary: 'The process turns its loop' })
  live(): string {
    return 'ok'
  }

  @Route('get', '/readyz', {
    summary: 'Ready for work; `?verbose` says what is missing',
    query: readyQuery,
    answer: ready,
  })
  async ready(@Asked() ask: z.output<typeof readyQuery>, @Res({ passthrough: true }) reply: HttpReply) {
    const found = await readiness(this.ports, ask)
    if (!found.ready) reply.status(new HubError('api.not-ready').status)
    return found
  }

  @Route('get', '/startupz', { summary: 'What an earlier life left has been taken up' })
  async started(): Promise<string> {
    if ((await this.ports.status()).notReady.includes('starting')) throw new HubError('api.not-ready')
    return 'ok'
  }

  @Route('get', '/metrics', { summary: 'OpenMetrics' })
  async metrics(
    @Headers('accept') accept: string | undefined,
    @Res({ passthrough: true }) reply: HttpReply,
  ): Promise<string> {
    reply.header('content-type', this.ports.metrics.contentType(accept))
    return this.ports.metrics.text(accept)
  }
}
