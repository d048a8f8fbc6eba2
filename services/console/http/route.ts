import {
  applyDecorators,
  Controller,
  createParamDecorator,
  Get,
  HttpCode,
  Post,
  SetMetadata,
  UseFilters,
  UseGuards,
} from '@nestjs/common'
import type { ExecutionContext, Type } from '@nestjs/common'
import type { z } from 'zod'
import { actorOf, type Role } from '../access.ts'
import { understand, type Asks } from '../input.ts'
import { AccessGuard } from './access.guard.ts'
import { ProblemFilter } from './problem.filter.ts'
import { languageFor, type HttpRequest } from './request.ts'

/** A route as it is documented, asked and answered: the one place that says it. */
export interface RouteTerms extends Asks {
  readonly summary: string
  /** What comes back; without it, text. */
  readonly answer?: z.ZodType
  /** Who may ask; when left out, `read` for what only looks (GET), `operate` for what acts. */
  readonly role?: Role
}

export interface DeclaredRoute extends RouteTerms {
  readonly method: 'get' | 'post'
  /** As Nest writes it: `/api/v1/parked/run/:id/resolve`. */
  readonly path: string
}

/** A controller behind the rules of access, whose errors are problems. Other modules of the process have doors of their own. */
export function Api(): ClassDecorator {
  return applyDecorators(Controller(), UseGuards(AccessGuard), UseFilters(ProblemFilter))
}

const routeKey = 'shuniu:route'

/** Declares a route: Nest serves it, `Asked` validates by it, the OpenAPI page is made from it. */
export function Route(method: 'get' | 'post', path: string, terms: RouteTerms): MethodDecorator {
  const route: DeclaredRoute = { role: method === 'get' ? 'read' : 'operate', method, path, ...terms }
  return applyDecorators(method === 'get' ? Get(path) : Post(path), HttpCode(200), SetMetadata(routeKey, route))
}

function routeOf(handler: object): DeclaredRoute | undefined {
  return Reflect.getMetadata(routeKey, handler) as DeclaredRoute | undefined
}

/** The role that a handler asks for; one that declares nothing is for administrators. */
export function roleFor(handler: object): Role {
  return routeOf(handler)?.role ?? 'admin'
}

/** All routes of these controllers. */
export function declaredRoutes(controllers: readonly Type[]): DeclaredRoute[] {
  return controllers.flatMap(({ prototype }: { prototype: Record<string, unknown> }) =>
    Object.getOwnPropertyNames(prototype).flatMap((name) => {
      const handler = prototype[name]
      return typeof handler === 'function' ? (routeOf(handler) ?? []) : []
    }),
  )
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
