import { describe, expect, it } from 'vitest'
import type { ConnectorDefinition } from '../connector.ts'
import type { Handed, Reading, Source, SourceDocument } from '../source.ts'
import { expectText } from './declaration.ts'
import type { OnScene } from './trial.ts'
import type { Scene, SourceSample, Subject } from './subject.ts'

type Kind = SourceDocument['kind']

/** What a source must give: kinds that cannot be mistaken, the same reading twice, and a sweep that finds what a push lost. */
export function sourceSuite<Settings, Link>(
  definition: ConnectorDefinition<Settings, Link>,
  subject: Subject<Link>,
  onScene: OnScene<Link>,
): void {
  const sources = Object.entries(definition.sources)
  const isPushed = definition.stream !== undefined || Object.keys(definition.hooks).length > 0

  describe.runIf(sources.length > 0)('sources', () => {
    it.each(sources)('%s is declared whole and has a sample', (name, source) => {
      expectText(source.title)
      expect(source.documentType().kind).toBe('record')
      expect(subject.sources).toHaveProperty([name])
      if ('none' in source.sweep)
        expect(isPushed ? source.sweep.none.trim() : 'not pushed', 'why no sweep').not.toBe('')
      else expectRhythm(source.sweep.rhythm)
    })

    describe.each(Object.entries(subject.sources ?? {}))('%s', (name, sample) => {
      const source = definition.sources[name]
      if (!source) throw new Error(`there is no source ${name}`)
      documentTests(source, sample, onScene)
      sweepTests(source, sample, onScene)
    })
  })

  describe.runIf(Object.keys(definition.hooks).length > 0)('hooks', () => {
    it.each(Object.entries(definition.hooks))('%s refuses what nobody signed, with a short answer', (_, hook) => {
      const settings = definition.settings.parse(subject.settings('http://127.0.0.1:1'))
      expectText(hook.title)
      return onScene(async ({ hub }) => {
        const receive = hook.open(settings, hub.ground)
        const nonsense = { method: 'POST', query: {}, headers: {}, body: new TextEncoder().encode('{}') }
        expect(receive?.(nonsense) ?? { is: 'refused' }).toMatchObject({ is: 'refused' })
      })
    })
  })
}

function expectRhythm(rhythm: readonly { readonly window: number; readonly every: number }[]): void {
  expect(rhythm.length).toBeGreaterThan(0)
  expect(rhythm.map((one) => one.window)).toEqual(rhythm.map((one) => one.window).toSorted((a, b) => a - b))
  for (const { window, every } of rhythm) expect(every, 'a sweep overlaps the one before it').toBeLessThan(window)
}

/** The documents of a sample as read, by kind. */
async function readAll<Link>(
  source: Source<Link>,
  sample: SourceSample<Link>,
  scene: Scene<Link>,
): Promise<{ readonly kind: Kind; readonly handed: Handed; readonly document: SourceDocument }[]> {
  const made: Partial<Record<Kind, Handed>> = await sample.documents(scene)
  const kinds = (['new', 'modify', 'revoke'] as const).filter((kind) => made[kind] !== undefined)
  const read = []
  for (const kind of kinds) {
    const handed = made[kind]
    if (handed)
      read.push({ kind, handed, document: documentOf(await source.read(scene.hub.link, handed, sample.forms)) })
  }
  return read
}

function documentOf(reading: Reading): SourceDocument {
  if (reading.is !== 'document') throw new Error(`not read as a document: ${JSON.stringify(reading)}`)
  return reading.document
}

const identity = ({ form, id, version }: SourceDocument): string => JSON.stringify([form, id, version])

function documentTests<Link>(source: Source<Link>, sample: SourceSample<Link>, onScene: OnScene<Link>): void {
  it('a change and a revocation say what they are, and a revocation never looks like a payment', () =>
    onScene(async (scene) => {
      const read = await readAll(source, sample, scene)
      expect(read.map(({ document }) => document.kind)).toEqual(read.map(({ kind }) => kind))
      expect(new Set(read.map(({ document }) => identity(document))).size).toBe(read.length)
      const [first] = read
      for (const { kind, document } of read) {
        expect(document.root).toBe(first?.document.id)
        expect(document.rootAt).toEqual(first?.document.rootAt)
        expect(document.agreedChanges).toBe(kind === 'new' ? 0 : read.some((one) => one.kind === 'modify') ? 1 : 0)
        expect(document.final).toBe(true)
      }
    }))

  it('the same document read twice is the same fact', () =>
    onScene(async (scene) => {
      for (const { handed, document } of await readAll(source, sample, scene)) {
        expect(documentOf(await source.read(scene.hub.link, handed, sample.forms))).toEqual(document)
      }
    }))

  it('shows its newest documents', () =>
    onScene(async (scene) => {
      const made = await sample.documents(scene)
      const shown = await source.sample(scene.hub.link, sample.form, 3)
      expect(shown.length).toBeLessThanOrEqual(3)
      expect(shown.map((one) => one.subject)).toContain((made.revoke ?? made.modify ?? made.new).subject)
    }))
}

const hour = 3_600_000

function sweepTests<Link>(source: Source<Link>, sample: SourceSample<Link>, onScene: OnScene<Link>): void {
  const { sweep } = source
  if ('none' in sweep) return
  it('a sweep finds every document, each once, though no push arrived', () =>
    onScene(async (scene) => {
      const made = Object.values(await sample.documents(scene)).map((handed) => handed.subject)
      const now = Date.now()
      const found: string[] = []
      let next: string | undefined
      do {
        const ask = { form: sample.form, from: now - hour, to: now + hour, ...(next === undefined ? {} : { next }) }
        const page = await sweep.page(scene.hub.link, ask)
        found.push(...page.handed.map((handed) => handed.subject))
        next = page.next
      } while (next !== undefined)
      expect(found).toEqual(expect.arrayContaining(made))
      expect(new Set(found).size).toBe(found.length)
    }))
}
