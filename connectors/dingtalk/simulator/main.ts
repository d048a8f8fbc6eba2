import { runSimulator } from '@shuniu/sdk/simulator'
import type { SimulatorDefinition } from '@shuniu/sdk/simulator'
import { actsOf, notedCallback } from './acts.ts'
import { answering } from './answering.ts'
import { openApprovals } from './approvals.ts'
import { openCallbackPush } from './callback.ts'
import { contactRoutes } from './contacts-api.ts'
import { forms } from './forms.ts'
import { openGate } from './gate.ts'
import { openInstances } from './instances.ts'
import { options, readOptions } from './options.ts'
import { application, callbackDefaults, departments, users } from './organisation.ts'
import { openPublisher } from './publisher.ts'
import { failedRoute, streamRoute } from './push-api.ts'
import { openStreamGateway } from './stream.ts'
import { openTokens, tokenRoutes } from './tokens.ts'
import { workflowRoutes } from './workflow-api.ts'

/** DingTalk in miniature: both API generations on one address, stream and HTTP push (written from dingtalk.md). */
export const simulator: SimulatorDefinition = {
  name: 'dingtalk',
  options,
  create({ book, server, url, faults, options: given, now }) {
    const chosen = readOptions(given)
    const tokens = openTokens(book, chosen.tokenLife, now)
    const gate = openGate(tokens, chosen.gate, now)
    const stream = openStreamGateway(server, url, chosen.stream, now)
    const callback = openCallbackPush(chosen.callbackWithin)
    const noted = notedCallback(book)
    callback.settings = noted === undefined ? chosen.callback : (noted ?? undefined)
    const publisher = openPublisher({ stream, callback, book, faults, now }, chosen.publisher)
    const instances = openInstances(book)
    const approvals = openApprovals({ instances, book, publisher, now })
    const calls = [
      ...tokenRoutes(tokens),
      ...contactRoutes,
      ...workflowRoutes({ instances, approvals, historyDays: chosen.historyDays, now }),
      streamRoute(stream),
      failedRoute(publisher),
    ]
    return {
      acts: actsOf({ approvals, callback, stream, gate, book, now }),
      ...answering(calls, gate),
      describe: () => ({
        application,
        callback: callback.settings ?? null,
        callbackDefaults,
        stream: { connections: stream.connected, waiting: stream.waiting },
        calls: gate.used,
        missingPermissions: gate.missing,
        forms,
        departments,
        users,
      }),
      get secrets() {
        const { token = '', aesKey = '' } = callback.settings ?? {}
        return [application.clientSecret, tokens.current, token, aesKey]
      },
      async close() {
        publisher.close()
        callback.close()
        stream.close()
      },
    }
  },
}

if (import.meta.main) await runSimulator(simulator, process.argv)
