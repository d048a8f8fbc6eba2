import { readdirSync, readFileSync } from 'node:fs'
import { connectionShape, decode, decodeFlow, readYaml, resolveReferences } from '@shuniu/infra/config'
import { describe, expect, it } from 'vitest'
import connector from './connector.ts'

const folder = new URL('./examples/', import.meta.url)
const files = readdirSync(folder)
  .toSorted()
  .map((name) => ({ name, ...readYaml(readFileSync(new URL(name, folder), 'utf8'), name) }))
const isFlow = ({ text }: (typeof files)[number]): boolean => /^flow:/m.test(text)
const sources = { dir: '/', environment: { KINGDEE_SECRET: '7f3c2b9e4d5a40c1' } }

describe('examples', () => {
  it.each(files.filter((file) => !isFlow(file)))(
    '$name is a connection of this connector',
    ({ name, node, problems }) => {
      expect(problems).toEqual([])
      if (!node) throw new Error('empty')
      const { value, problems: found } = decode(node, connectionShape)
      expect(found).toEqual([])
      expect(value).toMatchObject({ connection: name.replace('.yaml', ''), connector: 'kingdee' })
      const { value: whole, secrets } = resolveReferences(node, sources)
      expect(secrets).toContain('7f3c2b9e4d5a40c1')
      connector.settings.parse(Object(whole).settings)
    },
  )

  it.each(files.filter(isFlow))('$name is a flow that calls what there is', ({ node, problems }) => {
    expect(problems).toEqual([])
    if (!node) throw new Error('empty')
    const { value, problems: found } = decodeFlow(node)
    expect(found).toEqual([])
    const calls = (value?.steps ?? []).flatMap((step) => ('call' in step ? [step.call] : []))
    expect(calls.length).toBeGreaterThan(0)
    for (const { operation } of calls) expect(connector.operations).toHaveProperty([operation])
  })
})
