import { describe, expect, it } from 'vitest'
import { connectionShape } from './connection-file.ts'
import { decode } from './decode.ts'
import { decodeFlow, everyStep, type FlowFile } from './flow-file.ts'
import { nodeAt, placeOf } from './node.ts'
import { readYaml } from './yaml.ts'

const head = 'flow: a\non: approval.payment.approved\nsince: 2026-01-01T00:00:00+08:00\n'

function flow(text: string): FlowFile {
  const { node, problems: unread } = readYaml(text, 'flows/a.yaml')
  const { value, problems } = node ? decodeFlow(node) : { problems: unread }
  expect(problems.map((one) => one.error.message)).toEqual([])
  if (!value) throw new Error('no flow')
  return value
}

function wrongWith(text: string): string[] {
  const { node, problems } = readYaml(text, 'flows/a.yaml')
  const found = node ? decodeFlow(node).problems : problems
  return found.map(({ error }) => `${error.code} ${error.place?.line}:${error.place?.column}`)
}

const stepsWrong = (steps: string): string[] => wrongWith(`${head}steps:\n${steps}`)

describe('a flow file', () => {
  it('gives each kind of step with its parts as nodes', () => {
    const { steps } = flow(
      `${head}steps:\n${[
        '  - let: { x: 1, y: = 2 }',
        '  - check: x == 1\n    otherwise: no',
        '  - name: voucher\n    call: kingdee-main/voucher.save\n    with: { a: 1 }',
        '  - emit: finance.voucher.created\n    with: {}',
        '  - park: { message: see x }',
        '  - choose: [{ when: x, steps: [{ let: { z: 1 } }] }]\n    otherwise: [{ check: "true" }]',
        '  - each: event.lines as line\n    by: line.id\n    steps: [{ let: { w: 1 } }]',
      ].join('\n')}`,
    )
    expect(steps.map((step) => step.kind)).toEqual(['let', 'check', 'call', 'emit', 'park', 'choose', 'each'])
    expect([...everyStep(steps)].map((step) => step.kind)).toEqual([
      'let',
      'check',
      'call',
      'emit',
      'park',
      'choose',
      'let',
      'check',
      'each',
      'let',
    ])
    const call = steps[2]
    expect(call?.kind === 'call' && call).toMatchObject({
      name: 'voucher',
      call: { connection: 'kingdee-main', operation: 'voucher.save' },
      onTrouble: 'park',
    })
    const message = steps[4]?.kind === 'park' ? steps[4].park.message : undefined
    expect(message && placeOf(message)).toMatchObject({ line: 13, column: 22 })
    expect(steps[6] && placeOf(steps[6].node)).toMatchObject({ line: 16, column: 5 })
  })

  it('keeps the order of `let`, for later values use earlier ones', () => {
    const { let: values } = flow(`${head}let: { zebra: 1, apple: 2, _9: 3 }\nsteps: [{ check: "true" }]`)
    expect(Object.keys(values ?? {})).toEqual(['zebra', 'apple', '_9'])
  })

  it('puts undo into the hands of a person unless it says otherwise', () => {
    const { steps } = flow(
      `${head}steps: [{ name: v, call: k/v.save, with: {}, undo: { on: approval.payment.withdrawn, call: k/v.reverse } }]`,
    )
    expect(steps[0]).toMatchObject({ undo: { mode: 'park', call: { connection: 'k', operation: 'v.reverse' } } })
  })

  it.each([
    ['since', 'flow: a\non: a.b.c\nsteps: [{ check: "true" }]', 'config.missing-key 1:1'],
    ['steps', head, 'config.missing-key 1:1'],
    ['any step', `${head}steps: []`, 'config.at-least 4:8'],
  ])('must have %s', (_, text, expected) => {
    expect(wrongWith(text)).toEqual([expected])
  })

  it.each([
    ['no known kind', '  - cal: k/v.save', ['config.step-kind 5:5']],
    ['two kinds', '  - emit: a.b.c\n    with: {}\n    check: x', ['config.step-kinds 5:5']],
    ['a kind that comes later', '  - wait: 3d\n    until: x', ['config.step-comes-later 5:5']],
    ['a text', '  - voucher', ['config.expected-map 5:5']],
    ['a call without a name', '  - call: k/v.save\n    with: {}', ['config.missing-key 5:5']],
    ['a call without a connection', '  - name: v\n    call: v.save\n    with: {}', ['config.bad-format 6:11']],
    ['an unknown key', '  - check: x\n    otherwize: y', ['config.unknown-key 6:5']],
    ['each without a key', '  - each: l as x\n    steps: [{ check: x }]', ['config.missing-key 5:5']],
    [
      'a wrong step deep inside',
      '  - choose:\n      - when: x\n        steps:\n          - chek: y',
      ['config.step-kind 8:13'],
    ],
    [
      'data of an undo that emits nothing',
      '  - { name: v, call: k/v.save, with: {}, undo: { on: a.b.c, call: k/v.x, with: {} } }',
      ['config.missing-key 5:48'],
    ],
    [
      'a name taken before, wherever it stands',
      '  - { name: v, call: k/a, with: 1 }\n  - each: l as x\n    by: x\n    steps: [{ name: v, call: k/a, with: 1 }]',
      ['config.duplicate-step 8:21'],
    ],
    [
      'several mistakes',
      '  - wait: 3d\n  - { name: 1x, call: k/a }',
      ['config.step-comes-later 5:5', 'config.missing-key 6:5', 'config.bad-format 6:13'],
    ],
  ])('refuses a step with %s', (_, steps, expected) => {
    expect(stepsWrong(steps)).toEqual(expected)
  })

  it('says the nearest kind of step, and which one will come', () => {
    const { node } = readYaml(`${head}steps:\n  - name: v\n    cal: k/v.save\n  - approve: x`, 'flows/a.yaml')
    const [first, second] = node ? decodeFlow(node).problems : []
    expect(first?.error.message).toContain('nearest is "call"')
    expect(second?.error.message).toBe('The step "approve" is not available in this version yet.')
    expect(second?.error.say('zh')).toContain('approve')
  })
})

describe('hostile names and times (reliability.md §2.5 H)', () => {
  it.each(['../x', 'constructor', '__proto__', 'toString', 'event', 'a b', '1', '', 'x'.repeat(61)])(
    'H09 a step called "%s" is refused',
    (name) => {
      const steps = `  - { name: ${JSON.stringify(name)}, call: k/v.save, with: {} }`
      expect(stepsWrong(steps).map((one) => one.split(' ')[0])).toEqual([
        expect.stringMatching(/^config\.(bad-format|reserved-name|at-most)$/),
      ])
    },
  )

  it('H09 a step name of 200 kilobytes is refused without being repeated in the answer', () => {
    const { node } = readYaml(`${head}steps: [{ name: ${'x'.repeat(200_000)}, call: k/v.save, with: {} }]`, 'a.yaml')
    const problems = node ? decodeFlow(node).problems : []
    expect(problems).toHaveLength(1)
    expect(problems[0]?.error.message.length).toBeLessThan(500)
  })

  it.each(['../../etc/passwd', 'A', 'a/b', 'a..b', '-a', 'a.yaml'])('H09 a flow called "%s" is refused', (name) => {
    expect(wrongWith(`flow: ${name}\non: a.b.c\nsince: 2026-01-01T00:00Z\nsteps: [{ check: x }]`)).toEqual([
      'config.bad-format 1:7',
    ])
  })

  it.each(['2026-02-30T00:00:00+08:00', '2026-01-01', '2026-13-01T00:00:00Z', 'yesterday', '2026-01-01T00:00:00'])(
    'H12 the moment %s is refused',
    (since) => {
      expect(wrongWith(`flow: a\non: a.b.c\nsince: ${since}\nsteps: [{ check: x }]`)).toEqual(['config.bad-format 3:8'])
    },
  )

  it.each([
    ['timeout: 1ms', 'config.at-least'],
    ['timeout: 100d', 'config.at-most'],
    ['lookUps: { apart: 1ms }', 'config.at-least'],
    ['lookUps: { times: 1000 }', 'config.at-most'],
    ['quarantine: -5s', 'config.bad-format'],
    ['timeout: 1e9s', 'config.bad-format'],
    ['timeout: 5', 'config.bad-format'],
  ])('H12 an operation with "%s" is refused', (change, code) => {
    const text = `connection: a\nconnector: b\nsettings: {}\noperations: { voucher.save: { ${change} } }`
    const { node } = readYaml(text, 'connections/a.yaml')
    expect(node && decode(node, connectionShape).problems.map(({ error }) => error.code)).toEqual([code])
  })

  it('H10 a reference to a secret in a flow stays text: only settings are resolved', () => {
    const { steps } = flow(`${head}steps: [{ name: v, call: k/v.save, with: { a: "\${env:HOME}" } }]`)
    const node = steps[0]?.kind === 'call' ? nodeAt(steps[0].with, ['a']) : undefined
    expect(node).toMatchObject({ value: '${env:HOME}' })
  })
})

describe('a connection file', () => {
  it('needs `from` as soon as it has events, even when something else is wrong', () => {
    const text =
      'connection: a\nconnector: b\nsettings: {}\nevents: [{ source: s, form: f, emit: a.b.c, with: {}, x: 1 }]'
    const { node } = readYaml(text, 'connections/a.yaml')
    const problems = node ? decode(node, connectionShape).problems : []
    expect(problems.map(({ error }) => `${error.code} ${error.parameters['key']}`)).toEqual([
      'config.missing-key from',
      'config.unknown-key x',
    ])
  })
})
