import { createServer, type Server } from 'node:http'
import type { CallFailure } from '@shuniu/infra/outbound'
import { describe, expect, it } from 'vitest'
import type { ConnectorDefinition } from '../connector.ts'
import { openHub, type Hub, type Ready } from './hub.ts'
import { failureOf, prepareSample, type OnScene } from './trial.ts'
import { secretsIn } from './settings.ts'
import type { Answer, FailureSample, Subject } from './subject.ts'
import type { Witness } from './witness.ts'

/** Every failure of the declaration comes about, and is classed as declared. */
export function refusalSuite<Settings, Link>(
  definition: ConnectorDefinition<Settings, Link>,
  subject: Subject<Link>,
  onScene: OnScene<Link>,
  witness: Witness,
): void {
  describe('failures', () => {
    it('each declared failure has a sample, and each sample is declared', () => {
      expect(Object.keys(subject.failures).toSorted()).toEqual(Object.keys(definition.failures).toSorted())
    })

    const provoke = (sample: FailureSample<Link>, look: (failure: CallFailure, secrets: readonly string[]) => void) =>
      onScene(async (scene) => {
        const ready = await firstReady(subject, scene)
        await usingAnswer(sample.answer, async (url) => {
          const written = subject.settings(url)
          const hub = openHub(definition, written, witness)
          const asked = sample.ask ? witness.watch(sample.ask(hub.link)) : sendReady(hub, ready)
          look(await failureOf(asked), secretsIn(definition, written))
          await hub.close()
        })
      })

    it.each(Object.entries(subject.failures))('%s is what it is declared to be', (name, sample) =>
      provoke(sample, ({ code, failureClass }) => {
        const expected = [`${definition.name}.${name}`, definition.failures[name]?.class]
        expect([code, failureClass]).toEqual(expected)
      }),
    )

    const [secret = ''] = secretsIn(definition, subject.settings('http://127.0.0.1:1'))
    it.each(secret === '' ? [] : Object.entries(subject.failures))(
      '%s: a vendor that repeats our secrets is not passed on',
      (_, sample) => {
        const { answer } = sample
        const echo =
          typeof answer === 'function' ? (path: string) => spiced(answer(path), secret) : spiced(answer, secret)
        return provoke({ ...sample, answer: echo }, ({ message }) => expect(message).not.toContain(secret))
      },
    )
  })
}

/** The vendor's words, with our secret behind the first Chinese character. */
const spiced = (answer: Answer, secret: string): Answer => ({
  ...answer,
  body: answer.body.replace(/\p{Script=Han}/u, `$&${secret}`),
})

async function firstReady<Link>(
  { operations = {} }: Subject<Link>,
  scene: Parameters<Parameters<OnScene<Link>>[0]>[0],
): Promise<Ready | undefined> {
  const [first] = Object.entries(operations)
  return first && prepareSample(...first, scene)
}

function sendReady<Link>(hub: Hub<Link>, ready: Ready | undefined): Promise<unknown> {
  if (!ready) throw new Error('without operations, each sample of a failure says what is asked')
  return hub.send(ready)
}

/** A server that has this one answer for everybody. */
async function usingAnswer(answer: FailureSample<never>['answer'], use: (url: string) => Promise<void>): Promise<void> {
  const server = createServer((request, response) => {
    const { status = 200, headers = {}, body } = typeof answer === 'function' ? answer(request.url ?? '/') : answer
    request.resume().on('end', () => response.writeHead(status, headers).end(body))
  })
  const url = await listen(server)
  try {
    await use(url)
  } finally {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
}

function listen(server: Server): Promise<string> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      resolve(`http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`)
    })
  })
}
