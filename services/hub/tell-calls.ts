import type { Outbound } from '@shuniu/infra/outbound'
import type { Traces } from '@shuniu/infra/telemetry'

/** The same way out; a call that is made within a span is told as one of its own. Nothing of it is handed to the vendor. */
export function tellCalls(outbound: Outbound, connection: string, traces: Traces): Outbound {
  return {
    call(call) {
      if (traces.here === undefined) return outbound.call(call)
      const attributes = { 'shuniu.connection': connection, 'shuniu.operation': call.operation }
      return traces.within('call', { kind: 'client', attributes }, async (span) => {
        const answer = await outbound.call(call)
        span.set({ 'http.response.status_code': answer.status })
        return answer
      })
    },
    place: (operation, signal) => outbound.place(operation, signal),
    state: () => outbound.state(),
    close: () => outbound.close(),
  }
}
