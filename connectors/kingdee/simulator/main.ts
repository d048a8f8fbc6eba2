import { runSimulator } from '@shuniu/sdk/simulator'
import type { SimAnswer, SimRequest, Simulator, SimulatorContext, SimulatorDefinition } from '@shuniu/sdk/simulator'
import { openActs, openForbiddenAccounts } from './acts.ts'
import { readCall } from './call.ts'
import type { Call } from './call.ts'
import { openCatalogue } from './catalogue.ts'
import { describeTenant } from './describe.ts'
import type { Desk } from './desk.ts'
import { vendorFault } from './fault-answers.ts'
import { openingVoucher } from './opening.ts'
import { operationNames, operations } from './operation-names.ts'
import { localMoment, openPeriods, today } from './periods.ts'
import { openQuota } from './quota.ts'
import { serve } from './service.ts'
import { sessions } from './sessions.ts'
import { tenant, users } from './tenant.ts'
import { openVouchers } from './vouchers.ts'

/** Kingdee Cloud Galaxy in miniature: `/k3cloud/…common.kdsvc` with one data centre, one book and vouchers. */
export const simulator: SimulatorDefinition = {
  name: 'kingdee',
  options: {
    quota: { type: 'string', help: 'calls until every further one is refused with MsgCode 14' },
    'open-from': { type: 'string', help: 'first open period, yyyy-MM; default January of this year' },
  },
  create: openKingdee,
}

async function openKingdee({ url, options, book, now }: SimulatorContext): Promise<Simulator> {
  const { calls, firstOpen } = readOptions(options, now())
  const quota = openQuota(calls)
  const forbidden = openForbiddenAccounts(book)
  const desk: Desk = {
    vouchers: openVouchers(book),
    periods: openPeriods(book, firstOpen, now),
    isForbidden: forbidden.has,
    moment: () => localMoment(now()),
  }
  await openingVoucher(book, desk, firstOpen, now())
  const forms = openCatalogue(desk)
  const live = sessions(now)
  const callOf = remembered(readCall)
  return {
    describe: () => describeTenant(url, forms, desk, calls),
    acts: openActs(desk, forbidden, quota),
    operations,
    operationOf(request) {
      const call = callOf(request)
      return 'status' in call ? 'unknown' : operationNames(call)
    },
    async handle(request) {
      const call = callOf(request)
      return 'status' in call ? call : serve({ desk, forms, sessions: live, quota }, request, call)
    },
    faultAnswer(fault, request) {
      const call = callOf(request)
      return 'status' in call ? undefined : vendorFault(fault, call)
    },
    secrets: [tenant.appSecret, ...users.map((user) => user.password)],
  }
}

function readOptions(
  options: SimulatorContext['options'],
  now: number,
): { calls: number | undefined; firstOpen: string } {
  const { quota, 'open-from': firstOpen = `${today(now).slice(0, 4)}-01` } = options
  if (quota !== undefined && !/^\d{1,9}$/.test(quota)) throw new Error(`--quota ${quota} is not a number of calls`)
  if (!/^\d{4}-(0[1-9]|1[0-2])$/.test(firstOpen)) throw new Error(`--open-from ${firstOpen} is not yyyy-MM`)
  return { calls: quota === undefined ? undefined : Number(quota), firstOpen }
}

/** Reads each request once, although several ask for its call. */
function remembered(read: typeof readCall): typeof readCall {
  const calls = new WeakMap<SimRequest, Call | SimAnswer>()
  return (request) => {
    const known = calls.get(request)
    if (known) return known
    const call = read(request)
    calls.set(request, call)
    return call
  }
}

if (import.meta.main) await runSimulator(simulator, process.argv)
