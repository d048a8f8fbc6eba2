import { afterEach, describe, expect, test } from 'vitest'
import { TestHub } from '../test-hub.ts'
import { flowWith, lint } from '../test-lint.ts'
import { payment } from '../test-payments.ts'

let hub: TestHub | undefined
afterEach(async () => {
  await hub?.close()
  hub = undefined
})

const day = `'= date(event.approvedAt, "UTC")'`
const voucher = `  - name: voucher
    call: books/voucher.save
    with: { day: ${day}, lines: [{ account: "1", amount: = event.amount }] }
`

describe('call', () => {
  test('makes a document that carries our reference, and gives its output to the steps behind', async () => {
    const flow = flowWith(`${voucher}  - park: { message: "\${voucher.number} \${voucher.reference}" }\n`)
    hub = await TestHub.open({ flows: [flow] })
    await hub.append(payment('A'))
    const [document] = hub.books.ours()
    expect((await hub.parked()).message).toBe(`${document?.number} ${document?.reference}`)
    expect(document?.reference).toMatch(/^SN[0-9A-HJKMNP-TV-Z]{26}$/)
  })

  test('a renamed step keeps its documents', async () => {
    const before = flowWith(`${voucher}  - park: { message: here }\n`)
    hub = await TestHub.open({ flows: [before] })
    await hub.append(payment('A'))
    const [document] = hub.books.ours()
    hub.flows = [flowWith(voucher.replace('name: voucher', 'name: booking\n    formerly: voucher'))]
    await hub.restart()
    await hub.append(payment('B'))
    const effects = await hub.rows('effects')
    expect(effects.map(({ leg }) => leg)).toEqual(['["test","voucher"]', '["test","voucher"]'])
    expect(effects[0]?.reference).toBe(document?.reference)
  })

  test('an input that its operation refuses parks before anything is sent', async () => {
    const flow = flowWith(voucher.replace('"1"', 'dyn(event.lines)').replace('account: dyn', 'account: = dyn'))
    hub = await TestHub.open({ flows: [flow] })
    await hub.append(payment('A'))
    expect([await hub.runs(), hub.books.sends]).toEqual([['flow parked invalid'], []])
  })
})

describe('lint', () => {
  test.each([
    ['a connection nobody has', voucher.replace('books/', 'boks/'), ['5:5 flow.unknown-connection']],
    ['an operation it does not have', voucher.replace('voucher.save', 'voucher.sav'), ['5:5 flow.unknown-operation']],
    [
      'an input it does not have',
      voucher.replace('lines:', 'linse:'),
      ['7:11 template.missing-field', '7:53 template.unknown-field'],
    ],
    [
      'an output it does not have',
      `${voucher}  - park: { message: "\${voucher.nmber}" }\n`,
      ['8:33 expression.unknown-field'],
    ],
    ['a number where money belongs', voucher.replace('= event.amount', '"12.50"'), ['7:85 template.wrong-type']],
    ['a day where it takes one', voucher.replace(day, '= event.amount'), ['7:19 template.wrong-type']],
    ['a name that is missing', voucher.replace('name: voucher\n    ', ''), ['5:5 config.missing-key']],
    ['two steps with one name', voucher + voucher, ['8:11 config.duplicate-step']],
    [
      'two steps with one first name: to the ledger they were one document',
      voucher + voucher.replace('name: voucher', 'name: second\n    formerly: voucher'),
      ['8:5 config.duplicate-step'],
    ],
  ])('%s', (_, steps, found) => {
    expect(lint(flowWith(steps)).filter((one) => !one.endsWith('(warning)'))).toEqual(found)
  })

  test('money that goes on in trouble is refused; money of grade C and money without undo are warned of', () => {
    expect(lint(flowWith(`${voucher}    onTrouble: continue\n`))).toEqual([
      '5:5 flow.no-undo (warning)',
      '8:16 flow.money-continues',
    ])
    const pay = '  - { name: pay, call: books/transfer.pay, with: { amount: = event.amount } }\n'
    expect(lint(flowWith(pay))).toEqual(['5:24 flow.money-grade-c (warning)'])
    const note = '  - { name: note, call: office/note.post, with: { text: hello }, onTrouble: continue }\n'
    expect(lint(flowWith(note))).toEqual([])
  })
})
