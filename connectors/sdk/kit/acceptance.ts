import { CallFailure } from '@shuniu/infra/outbound'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ConnectorDefinition } from '../connector.ts'
import { declarationSuite, expectText } from './declaration.ts'
import { fingerprintSuite } from './fingerprints.ts'
import { openHub } from './hub.ts'
import { refusalSuite } from './refusals.ts'
import { sendSuite } from './sends.ts'
import { secretsIn, withSecrets } from './settings.ts'
import { sourceSuite } from './sources.ts'
import { openStand, type Stand } from './stand.ts'
import type { Subject } from './subject.ts'
import type { OnScene } from './trial.ts'
import { openWitness, type Witness } from './witness.ts'

/**
 * The acceptance of a connector (design §9): call it in the connector's test with its simulator and samples. It proves the
 * declared grade, the class and the right next step after every fault, that fingerprints tell money apart, that sources cannot
 * turn a revocation into a payment, and that no secret leaves in errors or logs. It knows no connector by name.
 */
export function acceptance<Settings, Link>(
  definition: ConnectorDefinition<Settings, Link>,
  subject: Subject<Link>,
): void {
  describe(`connector ${definition.name}`, () => {
    const witness = openWitness()
    let stand: Stand
    beforeAll(async () => {
      stand = await openStand(subject.simulator, subject.options ?? {})
    })
    afterAll(() => stand.close())
    const onScene: OnScene<Link> = async (play) => {
      const hub = openHub(definition, subject.settings(stand.url), witness)
      try {
        await play({ stand, hub })
      } finally {
        await stand.endFaults()
        await hub.close()
      }
    }
    declarationSuite(definition, subject)
    checkSuite(definition, subject, onScene, witness)
    sendSuite(definition, subject, onScene)
    fingerprintSuite(definition, subject, onScene)
    refusalSuite(definition, subject, onScene, witness)
    sourceSuite(definition, subject, onScene)
    // Last, for it judges what was said in all tests before it.
    secretSuite(definition, subject, witness)
  })
}

function checkSuite<Settings, Link>(
  definition: ConnectorDefinition<Settings, Link>,
  subject: Subject<Link>,
  onScene: OnScene<Link>,
  witness: Witness,
): void {
  describe('check and discover', () => {
    it('a connection that is set up well has nothing to complain about', () =>
      onScene(async ({ hub }) => {
        const findings = await definition.check(hub.link)
        for (const { what } of findings) expectText(what)
        expect(findings.filter((one) => !one.ok)).toEqual([])
        expect(findings.length).toBeGreaterThan(0)
      }))

    it('a wrong secret is found out, with help', () =>
      onScene(async ({ stand }) => {
        const written = subject.settings(stand.url)
        const secrets = secretsIn(definition, written)
        const wrong = openHub(
          definition,
          withSecrets(written, secrets, (secret) => secret.replace(/./g, 'x')),
          witness,
        )
        const findings = await witness.watch(definition.check(wrong.link))
        await wrong.close()
        const complaints = findings.filter((one) => !one.ok)
        expect(complaints.length).toBeGreaterThan(0)
        for (const { help } of complaints) expect(help).toBeDefined()
      }))

    it('lists what a mapping needs', () =>
      onScene(async ({ hub }) => {
        const { forms, lists } = await definition.discover(hub.link)
        expect(forms.length + Object.keys(lists).length).toBeGreaterThan(0)
        for (const form of forms) expect(form.fields.length, form.id).toBeGreaterThan(0)
      }))

    it.each(Object.keys(definition.operations).slice(0, 1))('an address where nobody answers is not a doubt', (first) =>
      onScene(async () => {
        const nobody = openHub(definition, subject.settings('http://127.0.0.1:1'), witness)
        const failure = await witness
          .watch(nobody.operation(first).ready(nobody.link))
          .catch((thrown: unknown) => thrown)
        await nobody.close()
        expect(failure).toBeInstanceOf(CallFailure)
        expect(failure).toMatchObject({ failureClass: 'transient' })
      }),
    )
  })
}

function secretSuite<Settings, Link>(
  definition: ConnectorDefinition<Settings, Link>,
  subject: Subject<Link>,
  witness: Witness,
): void {
  it('no secret stands in anything that was thrown or logged', () => {
    const secrets = secretsIn(definition, subject.settings('http://127.0.0.1:1'))
    const forms = secrets.flatMap((secret) => [
      secret,
      encodeURIComponent(secret),
      Buffer.from(secret).toString('base64'),
    ])
    const heard = witness.heard()
    expect(heard.length).toBeGreaterThan(0)
    expect(heard.filter((said) => forms.some((form) => said.includes(form)))).toEqual([])
  })
}
