import { applyDecorators, createParamDecorator, Get, HttpCode, Post, SetMetadata } from '@nestjs/common'
import type { ExecutionContext, Type } from '@nestjs/common'
import { PATH_METADATA } from '@nestjs/common/constants.js'
import type { z } from 'zod'
import { understand, type Asks } from '../input.ts'
import { languageFor, type HttpRequest } from './request.ts'

/** A route as it is documented, asked and answered: the one place that says it. */
export interface RouteTerms extends Asks {
  readonly summary: string
  /** What comes back; without it, text. */
  readonly answer?: z.ZodType
}

export interface DeclaredRoute extends RouteTerms {
  readonly method: 'get' | 'post'
  /** As in Nest: `runs/:id`. */
  readonly path: string
}

const routeKey = 'shuniu:route'

/** Declares a route: Nest serves it, `Asked` validates by it, the OpenAPI page is made from it. */
export function Route(method: 'get' | 'post', path: string, terms: RouteTerms): MethodDecorator {
  const route: DeclaredRoute = { method, path, ...terms }
  return applyDecorators(method === 'get' ? Get(path) : Post(path), HttpCode(200), SetMetadata(routeKey, route))
}

function routeOf(handler: object): DeclaredRoute | undefined {
  return Reflect.getMetadata(routeKey, handler) as DeclaredRoute | undefined
}

/** All routes of these controllers, with their whole paths. */
export function declaredRoutes(controllers: readonly Type[]): DeclaredRoute[] {
  return controllers.flatMap((controller) => {
    const prefix: unknown = Reflect.getMetadata(PATH_METADATA, controller)
    const prototype = controller.prototype as Record<string, unknown>
    return Object.getOwnPropertyNames(prototype).flatMap((name) => {
      const handler = prototype[name]
      const route = typeof handler === 'function' ? routeOf(handler) : undefined
      return route ? [{ ...route, path: `/${[prefix, route.path].filter((part) => part !== '/').join('/')}` }] : []
    })
  })
}

/** Parameters, query and body of the request, validated, as one record. */
export const Asked = createParamDecorator((_: unknown, context: ExecutionContext) => {
  const request = context.switchToHttp().getRequest<HttpRequest>()
  const { params, query, body, headers } = request
  const raw = { params, query, body, contentType: headers['content-type'] }
  return understand(routeOf(context.getHandler()) ?? {}, raw, languageFor(request, request.fallback ?? 'en'))
})

/** The language of the answer. */
export const Speech = createParamDecorator((_: unknown, context: ExecutionContext) => {
  const request = context.switchToHttp().getRequest<HttpRequest>()
  return languageFor(request, request.fallback ?? 'en')
})
