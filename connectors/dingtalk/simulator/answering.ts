import type { SimAnswer, SimRequest, Simulator, VendorFault } from '@shuniu/sdk/simulator'
import { badToken, refusal, tooFast, unknownPath } from './answers.ts'
import type { Gate } from './gate.ts'
import { styleOf } from './route.ts'
import type { Route } from './route.ts'

type Answering = Pick<Simulator, 'operations' | 'operationOf' | 'handle' | 'faultAnswer'>

/** How requests become answers: the call, the gate in front of it, and the vendor's words for faults. */
export function answering(calls: readonly Route[], gate: Gate): Answering {
  const routes = new Map(calls.map((one) => [one.at, one]))
  const routeOf = ({ method, path }: SimRequest): Route | undefined => routes.get(`${method} ${path}`)
  return {
    operations: [...new Set([...routes.values()].map(({ operation }) => operation)), 'push'],
    operationOf: (request) => routeOf(request)?.operation ?? 'unknown',
    async handle(request) {
      const found = routeOf(request)
      if (!found) return unknownPath(styleOf(request.path), request.path)
      return gate.refuse(found, request) ?? found.run(request)
    },
    faultAnswer(fault, request) {
      const found = routeOf(request)
      return found && vendorWords(fault, found)
    },
  }
}

function vendorWords(fault: VendorFault, { style, open, empty }: Route): SimAnswer | undefined {
  switch (fault) {
    case 'refuse':
      return refusal(
        style,
        { code: 40035, message: '不合法的参数' },
        { code: 'invalidParameter', message: '不合法的参数' },
      )
    case 'throttle':
      return tooFast(style)
    case 'token-expired':
      return open ? undefined : badToken(style)
    case 'empty-query':
      return empty?.()
    case 'partial-batch':
      return undefined
  }
}
