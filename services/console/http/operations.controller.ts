import { Inject } from '@nestjs/common'
import type { Language } from '@shuniu/contracts'
import type { z } from 'zod'
import {
  checkBody,
  checkConnection,
  checked,
  connectionParams,
  discoverConnection,
  discovered,
  emptyBody,
  sampleBody,
  sampleConnection,
  sampled,
  sweepConnection,
  swept,
} from '../connections.ts'
import { levelBody, listLoggers, loggerList, loggerParams, setLogger } from '../loggers.ts'
import type { ConsolePorts } from '../ports.ts'
import { hubStatus, readStatus } from '../status.ts'
import { acceptedGap, acceptGap, acceptGapBody, gapList, listGaps } from '../topics.ts'
import { backedUp, backUp, backupBody, closeResync, closeResyncBody, resyncClosed } from '../upkeep.ts'
import { Api, Asked, Route, Speech } from './route.ts'
import { PORTS } from './tokens.ts'

/** How the hub is, and what its operators do with it. */
@Api()
export class OperationsController {
  constructor(@Inject(PORTS) private readonly ports: ConsolePorts) {}

  @Route('get', '/api/v1/status', { summary: 'How the hub is', answer: hubStatus })
  status() {
    return readStatus(this.ports)
  }

  @Route('get', '/api/v1/loggers', { summary: 'Which lines of the log are written', answer: loggerList })
  loggers() {
    return listLoggers(this.ports)
  }

  @Route('put', '/api/v1/loggers/:name', {
    summary: 'Changes which lines of the log are written, until the process ends',
    params: loggerParams,
    body: levelBody,
    answer: loggerList,
    role: 'admin',
  })
  setLogger(@Asked() ask: z.output<typeof loggerParams> & z.output<typeof levelBody>) {
    return setLogger(this.ports, ask)
  }

  @Route('post', '/api/v1/backup', {
    summary: 'A consistent copy of the data',
    body: backupBody,
    answer: backedUp,
    role: 'admin',
  })
  backup(@Asked() ask: z.output<typeof backupBody>) {
    return backUp(this.ports, ask)
  }

  @Route('post', '/api/v1/resync/close', { summary: 'Ends resync mode', body: closeResyncBody, answer: resyncClosed })
  closeResync(@Asked() ask: z.output<typeof closeResyncBody>) {
    return closeResync(this.ports, ask)
  }

  @Route('get', '/api/v1/topics/gaps', {
    summary: 'Partitions that stand still, for records were deleted before they were read',
    answer: gapList,
  })
  gaps() {
    return listGaps(this.ports)
  }

  @Route('post', '/api/v1/topics/accept-gap', {
    summary: 'Goes on behind records that were deleted before they were read',
    body: acceptGapBody,
    answer: acceptedGap,
  })
  acceptGap(@Asked() ask: z.output<typeof acceptGapBody>) {
    return acceptGap(this.ports, ask)
  }

  @Route('post', '/api/v1/connections/:name/check', {
    summary: 'Which permission is missing and where it is granted, and what a month costs in calls',
    params: connectionParams,
    body: checkBody,
    answer: checked,
  })
  check(@Asked() ask: z.output<typeof connectionParams> & z.output<typeof checkBody>, @Speech() language: Language) {
    return checkConnection(this.ports, ask, language)
  }

  @Route('post', '/api/v1/connections/:name/sweep', {
    summary: 'Looks soon at what pushes may have lost',
    params: connectionParams,
    body: emptyBody,
    answer: swept,
  })
  sweep(@Asked() ask: z.output<typeof connectionParams>) {
    return sweepConnection(this.ports, ask)
  }

  @Route('post', '/api/v1/connections/:name/discover', {
    summary: 'Forms, accounts and fields of the system',
    params: connectionParams,
    body: emptyBody,
    answer: discovered,
  })
  discover(@Asked() ask: z.output<typeof connectionParams>) {
    return discoverConnection(this.ports, ask)
  }

  @Route('post', '/api/v1/connections/:name/sample', {
    summary: 'The newest real documents, and the events they would become',
    params: connectionParams,
    body: sampleBody,
    answer: sampled,
  })
  sample(@Asked() ask: z.output<typeof connectionParams> & z.output<typeof sampleBody>) {
    return sampleConnection(this.ports, ask)
  }
}
