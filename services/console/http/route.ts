import {
  applyDecorators,
  Controller,
  createParamDecorator,
  Get,
  HttpCode,
  Post,
  Put,
  UseFilters,
  UseGuards,
} from '@nestjs/common'
import type { ExecutionContext } from '@nestjs/common'
import { actorOf } from '../access.ts'
import { understand } from '../input.ts'
import { AccessGuard } from './access.guard.ts'
import { declare, routeOf, type DeclaredRoute, type RouteTerms } from './declared.ts'
import { ProblemFilter } from './problem.filter.ts'
import { languageFor, type HttpRequest } from './request.ts'

/** A controller behind the rules of access, whose errors are problems. Other modules of the process have doors of their own. */
export function Api(): ClassDecorator {
  return applyDecorators(Controller(), UseGuards(AccessGuard), UseFilters(ProblemFilter))
}

const verbs = { get: Get, post: Post, put: Put } as const

/** Declares a route: Nest serves it, the guard asks for its role, `Asked` validates by it, the OpenAPI page is made from it. */
export function Route(method: DeclaredRoute['method'], path: string, terms: RouteTerms): MethodDecorator {
  const route: DeclaredRoute = { role: method === 'get' ? 'read' : 'operate', method, path, ...terms }
  return applyDecorators(verbs[method](path), HttpCode(200), declare(route))
}

/** Parameters, query and body of the request, validated, as one record; who decides is who carries the token. */
export const Asked = createParamDecorator((_: unknown, context: ExecutionContext) => {
  const request = context.switchToHttp().getRequest<HttpRequest>()
  const { params, query, body, headers, caller } = request
  const raw = { params, query, body, contentType: headers['content-type'] }
  const asked = understand(routeOf(context.getHandler()) ?? {}, raw, languageFor(request, request.fallback ?? 'en'))
  const said = asked['actor']
  return typeof said === 'string' ? { ...asked, actor: actorOf(caller, said) } : asked
})

/** The language of the answer. */
export const Speech = createParamDecorator((_: unknown, context: ExecutionContext) => {
  const request = context.switchToHttp().getRequest<HttpRequest>()
  return languageFor(request, request.fallback ?? 'en')
})
