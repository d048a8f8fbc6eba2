import { describe, expect, test } from 'vitest'
import { parseContractText } from '../contract.ts'
import { contracts } from '../contracts.ts'
import { htmlPage, markdownPage } from './page.ts'

const around = { title: 'Payments', version: '1', server: 'broker:9092', registry: 'http://hub/registry' }

describe.each([
  ['Markdown', markdownPage],
  ['HTML', htmlPage],
])('the catalogue as %s', (_, page) => {
  test.each(contracts)('says of $topic whose it is, its key, its fields and how it may change', (one) => {
    const text = page([one], around, 'en').replaceAll('\\', '')
    for (const said of [one.topic, one.owner, one.compatibility, `${one.topic}-value`, one.doc.en.slice(0, 20)]) {
      expect(text).toContain(said)
    }
    for (const { name } of one.shape.fields) expect(text).toContain(name)
    expect(text).toContain('ce_id')
  })

  test('speaks the language of its reader', () => {
    expect(page(contracts, around, 'zh')).toContain('负责团队')
    expect(page(contracts, around, 'zh')).toContain('付款申请已全部审批通过')
  })

  test('says how long events are kept where that is known', () => {
    const kept = (retentionMs: number) => page(contracts, { ...around, topics: { retentionMs } }, 'en')
    expect(kept(30 * 86_400_000)).toContain('30 days')
    expect(kept(-1)).toContain('for ever')
    expect(page(contracts, around, 'en')).toContain('as the topic is set')
  })

  test('takes no text of a contract for markup', () => {
    const [first] = contracts
    const text = first?.text.replace('"doc":"', '"doc":"<script>a|b</script> ') ?? ''
    const { contract } = parseContractText(text)
    expect(page(contract ? [contract] : [], around, 'en')).not.toContain('<script>')
  })
})
