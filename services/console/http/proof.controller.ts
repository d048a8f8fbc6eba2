import { Inject } from '@nestjs/common'
import type { Language } from '@shuniu/contracts'
import type { z } from 'zod'
import { auditPage, auditQuery, listAudit } from '../audit.ts'
import { conservation, conservationQuery, readConservation } from '../conservation.ts'
import type { ConsolePorts } from '../ports.ts'
import { reconcile, reconciled, reconcileQuery } from '../reconcile.ts'
import { replay, replayBody, replayed } from '../replay.ts'
import { trace, traced, traceParams } from '../trace.ts'
import { Api, Asked, Route, Speech } from './route.ts'
import { PORTS } from './tokens.ts'

/** What shows that nothing is lost and nothing doubled. */
@Api()
export class ProofController {
  constructor(@Inject(PORTS) private readonly ports: ConsolePorts) {}

  @Route('get', '/api/v1/trace/:number', { summary: 'The story of one item', params: traceParams, answer: traced })
  trace(@Asked() ask: z.output<typeof traceParams>, @Speech() language: Language) {
    return trace(this.ports, ask, language)
  }

  @Route('get', '/api/v1/conservation', {
    summary: 'What was accepted, and what became of it',
    query: conservationQuery,
    answer: conservation,
  })
  conservation(@Asked() ask: z.output<typeof conservationQuery>) {
    return readConservation(this.ports.store, ask)
  }

  @Route('get', '/api/v1/reconcile', {
    summary: 'Compares approvals, ledger and targets of a month; changes nothing',
    query: reconcileQuery,
    answer: reconciled,
  })
  reconcile(@Asked() ask: z.output<typeof reconcileQuery>, @Speech() language: Language) {
    return reconcile(this.ports, ask, language)
  }

  @Route('post', '/api/v1/replay', {
    summary: 'Shows, or delivers, older events of a flow; what exists is never sent again',
    body: replayBody,
    answer: replayed,
  })
  replay(@Asked() ask: z.output<typeof replayBody>) {
    return replay(this.ports, ask)
  }

  @Route('get', '/api/v1/audit', { summary: 'Who decided what', query: auditQuery, answer: auditPage })
  audit(@Asked() ask: z.output<typeof auditQuery>) {
    return listAudit(this.ports.store, ask)
  }
}
