import { Inject } from '@nestjs/common'
import type { Language } from '@shuniu/contracts'
import type { z } from 'zod'
import { contractList, contractParams, listContracts, oneContract, showContract } from '../contracts.ts'
import { crosswalkBody, crosswalkQuery, listCrosswalk, pair, pairPage, setCrosswalk } from '../crosswalk.ts'
import { dryRan, dryRun, dryRunBody, flowParams } from '../dry-run.ts'
import { applyBody, applyProject, showProject, shownProject } from '../active-project.ts'
import type { ConsolePorts } from '../ports.ts'
import { listTables, oneTable, setTableRow, showTable, tableList, tableParams, tableSetBody } from '../tables.ts'
import { Api, Asked, Route, Speech } from './route.ts'
import { PORTS } from './tokens.ts'

/** The project: its tables, contracts and flows, and the crosswalk that runs have learned. */
@Api()
export class ProjectController {
  constructor(@Inject(PORTS) private readonly ports: ConsolePorts) {}

  @Route('get', '/api/v1/project', { summary: 'The project in use', answer: shownProject })
  project() {
    return showProject(this.ports)
  }

  @Route('post', '/api/v1/project/apply', {
    summary: 'Takes the files of the project into use, without a restart',
    body: applyBody,
    answer: shownProject,
  })
  apply(@Asked() ask: z.output<typeof applyBody>) {
    return applyProject(this.ports, ask)
  }

  @Route('get', '/api/v1/tables', { summary: 'Value maps kept by people', answer: tableList })
  tables() {
    return listTables(this.ports.tables)
  }

  @Route('get', '/api/v1/tables/:name', { summary: 'One table with its rows', params: tableParams, answer: oneTable })
  table(@Asked() ask: z.output<typeof tableParams>) {
    return showTable(this.ports.tables, ask)
  }

  @Route('post', '/api/v1/tables/:name/set', {
    summary: 'Writes one row; runs that wait for exactly this row go on',
    params: tableParams,
    body: tableSetBody,
    answer: oneTable,
  })
  setRow(@Asked() ask: z.output<typeof tableParams> & z.output<typeof tableSetBody>) {
    return setTableRow(this.ports.tables, ask)
  }

  @Route('get', '/api/v1/crosswalk', {
    summary: 'Ids of the same thing in different systems',
    query: crosswalkQuery,
    answer: pairPage,
  })
  crosswalk(@Asked() ask: z.output<typeof crosswalkQuery>) {
    return listCrosswalk(this.ports, ask)
  }

  @Route('post', '/api/v1/crosswalk', { summary: 'Writes a pair', body: crosswalkBody, answer: pair })
  setPair(@Asked() ask: z.output<typeof crosswalkBody>) {
    return setCrosswalk(this.ports, ask)
  }

  @Route('get', '/api/v1/contracts', { summary: 'What events promise', answer: contractList })
  contracts(@Speech() language: Language) {
    return listContracts(this.ports.contracts, language)
  }

  @Route('get', '/api/v1/contracts/:type', {
    summary: 'One contract with its schema',
    params: contractParams,
    answer: oneContract,
  })
  contract(@Asked() ask: z.output<typeof contractParams>, @Speech() language: Language) {
    return showContract(this.ports.contracts, ask, language)
  }

  @Route('post', '/api/v1/flows/:flow/dry-run', {
    summary: 'What a flow would do with an event; nothing is sent',
    params: flowParams,
    body: dryRunBody,
    answer: dryRan,
    role: 'read',
  })
  dryRun(@Asked() ask: z.output<typeof flowParams> & z.output<typeof dryRunBody>, @Speech() language: Language) {
    return dryRun(this.ports, ask, language)
  }
}
