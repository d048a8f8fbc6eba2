import type { Fault, FaultPlan, TakenFault } from './faults.ts'
import type { SimAnswer, SimRequest, Simulator, VendorFault } from './simulator.ts'

/** How a request ends: an answer, a reset connection, or silence while the connection stays open. */
export type Ending = SimAnswer | 'reset' | 'silence'

/** Lets `ms` pass; goes on for ever when the simulator closes, so nothing is executed afterwards. */
export type Pause = (ms: number) => Promise<void>

const vendorFaults = ['refuse', 'throttle', 'token-expired', 'empty-query', 'partial-batch'] as const
const isVendorFault = (fault: Fault): fault is VendorFault => vendorFaults.some((one) => one === fault)

const badGateway: SimAnswer = {
  status: 502,
  headers: { 'content-type': 'text/html' },
  body: '<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body><center><h1>502 Bad Gateway</h1></center></body>\r\n</html>',
}

/** The fault of this request, with the vendor's own answer for it where there is one. */
function takeFault(plan: FaultPlan, names: string | readonly string[], simulator: Simulator, request: SimRequest) {
  let answer: SimAnswer | 'handle' | undefined
  const taken = plan.take(names, 'request', (fault) => {
    if (!isVendorFault(fault)) return true
    answer = simulator.faultAnswer(fault, request)
    return answer !== undefined
  })
  return { taken, answer: taken && isVendorFault(taken.fault) ? answer : undefined }
}

/** Runs one request under the fault that is put on it, if any. `onFault` is told which one it got. */
export function underFaults(
  plan: FaultPlan,
  simulator: Simulator,
  pause: Pause,
): (request: SimRequest, names: string | readonly string[], onFault: (fault: Fault) => void) => Promise<Ending> {
  return async (request, names, onFault) => {
    const { taken, answer } = takeFault(plan, names, simulator, request)
    if (!taken) return simulator.handle(request)
    onFault(taken.fault)
    if (answer === 'handle') return simulator.handle(Object.assign(request, { fault: taken }))
    return answer ?? perform(taken, () => simulator.handle(request), pause)
  }
}

async function perform({ fault, ms }: TakenFault, work: () => Promise<SimAnswer>, pause: Pause): Promise<Ending> {
  switch (fault) {
    case 'slow': {
      const [answer] = await Promise.all([work(), pause(ms ?? 1000)])
      return answer
    }
    case 'late':
      await pause(ms ?? 5000)
      await work()
      return 'silence'
    case 'execute-then-timeout':
      await work()
      return 'silence'
    case 'hang':
      return 'silence'
    case 'reset-before':
      return 'reset'
    case 'reset-after':
      await work()
      return 'reset'
    case 'html-502':
      return badGateway
    default:
      return work()
  }
}
