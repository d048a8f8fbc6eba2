import { Catch, Inject, Injectable } from '@nestjs/common'
import type { ArgumentsHost, ExceptionFilter } from '@nestjs/common'
import { HubError } from '@shuniu/contracts'
import { maskText } from '@shuniu/infra/telemetry'
import type { ConsolePorts } from '../ports.ts'
import { problemOf, problemType } from '../problem.ts'
import { harden, languageFor, type HttpReply, type HttpRequest } from './request.ts'
import { PORTS } from './tokens.ts'

/** Turns whatever was thrown into a problem. A surprise goes to the operators' log; its caller learns only where to look. */
@Catch()
@Injectable()
export class ProblemFilter implements ExceptionFilter {
  constructor(@Inject(PORTS) private readonly ports: Pick<ConsolePorts, 'language' | 'report' | 'clock'>) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp()
    const request = http.getRequest<HttpRequest>()
    const reply = http.getResponse<HttpReply>()
    const problem = problemOf(this.known(error, request), languageFor(request, this.ports.language))
    harden(reply)
    if (problem.status === 401) reply.header('www-authenticate', 'Bearer')
    reply.status(problem.status).header('content-type', problemType).send(problem)
  }

  private known(error: unknown, request: HttpRequest): HubError {
    if (error instanceof HubError) return error
    const path = request.url.split('?')[0] ?? ''
    const status = statusOf(error)
    if (status === 404) return new HubError('api.no-route', { path })
    if (status === 413 || codeOf(error) === 'FST_ERR_CTP_BODY_TOO_LARGE') return new HubError('api.too-large')
    if (status === 415) return new HubError('api.media-type')
    if (status >= 400 && status < 500)
      return new HubError('api.refused', { because: messageOf(error) }, { cause: error })
    const incident = this.ports.clock.now().toString(36)
    this.ports.report.error('api.bug', { incident, path, message: maskText(messageOf(error)) })
    return new HubError('internal.bug', { what: incident }, { cause: error })
  }
}

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : ''
}

/** Nest and Fastify say in their errors which of their own refusals they are. */
function statusOf(error: unknown): number {
  if (typeof error !== 'object' || error === null) return 500
  if ('getStatus' in error && typeof error.getStatus === 'function') return Number(error.getStatus())
  return 'statusCode' in error ? Number(error.statusCode) : 500
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
