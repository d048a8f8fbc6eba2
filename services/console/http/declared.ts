import { SetMetadata } from '@nestjs/common'
import type { Type } from '@nestjs/common'
import type { z } from 'zod'
import type { Role } from '../access.ts'
import type { Asks } from '../input.ts'

/** A route as it is documented, asked and answered: the one place that says it. */
export interface RouteTerms extends Asks {
  readonly summary: string
  /** What comes back; without it, text. */
  readonly answer?: z.ZodType
  /** Who may ask; when left out, `read` for what only looks (GET), `operate` for what acts. */
  readonly role?: Role
}

export interface DeclaredRoute extends RouteTerms {
  readonly method: 'get' | 'post' | 'put'
  /** As Nest writes it: `/api/v1/parked/run/:id/resolve`. */
  readonly path: string
}

const routeKey = 'shuniu:route'

/** Notes a declaration at its handler. */
export const declare = (route: DeclaredRoute): MethodDecorator => SetMetadata(routeKey, route)

export function routeOf(handler: object): DeclaredRoute | undefined {
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
