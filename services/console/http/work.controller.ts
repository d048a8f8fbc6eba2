import { Inject } from '@nestjs/common'
import type { Language } from '@shuniu/contracts'
import type { z } from 'zod'
import { effectPage, effectsQuery, listEffects } from '../effects.ts'
import {
  decided,
  decisionBody,
  dropParked,
  listParked,
  parkedPage,
  parkedParams,
  parkedQuery,
  parkedRunParams,
  resolveBody,
  resolveParked,
  retryParked,
} from '../parked.ts'
import type { ConsolePorts } from '../ports.ts'
import { listReceipts, receiptPage, receiptsQuery } from '../receipts.ts'
import { listRuns, runPage, runsQuery } from '../runs.ts'
import { Api, Asked, Route, Speech } from './route.ts'
import { PORTS } from './tokens.ts'

type Decision = z.output<typeof parkedParams> & z.output<typeof decisionBody>
type Resolution = z.output<typeof parkedRunParams> & z.output<typeof resolveBody>

/** What came in, what is under way, what was done, and what waits for a person. */
@Api()
export class WorkController {
  constructor(@Inject(PORTS) private readonly ports: ConsolePorts) {}

  @Route('get', '/api/v1/receipts', {
    summary: 'What was handed over to us',
    query: receiptsQuery,
    answer: receiptPage,
  })
  receipts(@Asked() ask: z.output<typeof receiptsQuery>, @Speech() language: Language) {
    return listReceipts(this.ports, ask, language)
  }

  @Route('get', '/api/v1/runs', { summary: 'Executions of flows', query: runsQuery, answer: runPage })
  runs(@Asked() ask: z.output<typeof runsQuery>, @Speech() language: Language) {
    return listRuns(this.ports, ask, language)
  }

  @Route('get', '/api/v1/effects', { summary: 'The ledger', query: effectsQuery, answer: effectPage })
  effects(@Asked() ask: z.output<typeof effectsQuery>) {
    return listEffects(this.ports.store, ask)
  }

  @Route('get', '/api/v1/parked', { summary: 'What waits for a person', query: parkedQuery, answer: parkedPage })
  parked(@Asked() ask: z.output<typeof parkedQuery>, @Speech() language: Language) {
    return listParked(this.ports.store, ask, language)
  }

  @Route('post', '/api/v1/parked/:kind/:id/retry', {
    summary: 'Builds and sends what certainly does not exist; what is in doubt is looked up again',
    params: parkedParams,
    body: decisionBody,
    answer: decided,
  })
  retry(@Asked() ask: Decision) {
    return retryParked(this.ports, ask)
  }

  @Route('post', '/api/v1/parked/run/:id/resolve', {
    summary: 'Names the document that settles it',
    params: parkedRunParams,
    body: resolveBody,
    answer: decided,
  })
  resolve(@Asked() ask: Resolution) {
    return resolveParked(this.ports, ask)
  }

  @Route('post', '/api/v1/parked/:kind/:id/drop', {
    summary: 'Skips it, with who and why',
    params: parkedParams,
    body: decisionBody,
    answer: decided,
  })
  drop(@Asked() ask: Decision) {
    return dropParked(this.ports, ask)
  }
}
