import { readdirSync, readFileSync } from 'node:fs'
import { connectionShape, decode, readYaml, resolveReferences } from '@shuniu/infra/config'
import { describe, expect, it } from 'vitest'
import connector from './connector.ts'

const folder = new URL('./examples/', import.meta.url)
const environment = {
  DINGTALK_SECRET: 'MADE-UP-client-secret',
  DINGTALK_TOKEN: 'Hub2024TokenAbc',
  DINGTALK_KEY: 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG',
}

describe('examples', () => {
  it.each(readdirSync(folder).toSorted())('%s is a connection of this connector', (name) => {
    const { node, problems } = readYaml(readFileSync(new URL(name, folder), 'utf8'), name)
    expect(problems).toEqual([])
    if (!node) throw new Error('empty')
    const { value, problems: found } = decode(node, connectionShape)
    expect(found).toEqual([])
    expect(value).toMatchObject({ connection: name.replace('.yaml', ''), connector: 'dingtalk' })
    for (const { source } of value?.events ?? []) expect(connector.sources).toHaveProperty([source])
    const { value: whole, secrets } = resolveReferences(node, { dir: '/', environment })
    expect(secrets).toContain('MADE-UP-client-secret')
    connector.settings.parse(Object(whole).settings)
  })
})
