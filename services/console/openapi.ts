import { z } from 'zod'

/** A route as its declaration says it. */
export interface DescribedRoute {
  readonly method: 'get' | 'post' | 'put'
  /** `/api/v1/parked/run/:id/resolve` */
  readonly path: string
  readonly summary: string
  readonly params?: z.ZodObject
  readonly query?: z.ZodObject
  readonly body?: z.ZodObject
  readonly answer?: z.ZodType
  /** Of the token that it takes. */
  readonly role?: string
}

type Json = Record<string, unknown>

/** The OpenAPI 3.1 page of these routes, from the same schemas that requests are checked by. */
export function openApi(routes: readonly DescribedRoute[], version: string): Json {
  const paths: Record<string, Json> = {}
  for (const route of routes) {
    const path = route.path.replace(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [route.method]: operationOf(route) }
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Shuniu',
      version,
      description: 'Amounts are decimal text, moments RFC 3339 in UTC, dates ISO 8601.',
    },
    paths,
    components: {
      schemas: { Problem: problem },
      parameters: { lang: { name: 'lang', in: 'query', schema: { enum: ['en', 'zh'] } } },
      securitySchemes: { token: { type: 'http', scheme: 'bearer', description: 'Scopes are roles' } },
    },
  }
}

function operationOf({ path, method, summary, params, query, body, answer, role }: DescribedRoute): Json {
  const parameters = [...parametersOf(params, 'path'), ...parametersOf(query, 'query')]
  return {
    operationId: `${method} ${path}`.replace(/\W+/g, '_'),
    summary,
    security: [{}, { token: role === undefined ? [] : [role] }],
    parameters: [...parameters, { $ref: '#/components/parameters/lang' }],
    ...(body ? { requestBody: { content: { 'application/json': { schema: schemaOf(body, 'input') } } } } : {}),
    responses: {
      200: answer ? json('Fine', schemaOf(answer, 'output')) : { description: 'Fine' },
      default: {
        description: 'A problem',
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    },
  }
}

const json = (description: string, schema: Json): Json => ({ description, content: { 'application/json': { schema } } })

function parametersOf(schema: z.ZodObject | undefined, place: 'path' | 'query'): Json[] {
  if (!schema) return []
  const { properties = {}, required = [] } = schemaOf(schema, 'input') as { properties?: Json; required?: string[] }
  return Object.entries(properties).map(([name, its]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: its,
  }))
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' })
  return rest
}

const problem: Json = {
  type: 'object',
  description: 'RFC 9457, with our code and what to do about it',
  required: ['type', 'title', 'status', 'code', 'detail', 'help', 'lang'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    code: { type: 'string' },
    detail: { type: 'string' },
    help: { type: 'string' },
    lang: { enum: ['en', 'zh'] },
    problems: { type: 'array', items: { type: 'object' } },
  },
}
