import { mkdtempSync, rmSync, symlinkSync, writeFileSync, mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { resolveReferences, type Resolved } from './references.ts'
import { readYaml } from './yaml.ts'

const dir = mkdtempSync(join(tmpdir(), 'shuniu-references-'))
afterAll(() => rmSync(dir, { recursive: true }))

const environment = {
  SECRET: 'a-long-secret',
  URL: 'https://kingdee.example:8443/k3cloud/',
  HOOK: 'https://example.com/send?access_token=abcdef123',
  PORT: '8443',
  SHORT: 'abc',
  EMPTY: '',
  NESTED: '${env:SECRET}',
  SHUNIU_TOKEN: 'the token of the hub itself',
}

function resolved(text: string): Resolved {
  const { node } = readYaml(text, 'connections/a.yaml')
  if (!node) throw new Error('no node')
  return resolveReferences(node, { dir, environment })
}

const codesOf = ({ problems }: Resolved): string[] =>
  problems.map(({ error }) => `${error.code} ${error.place?.line}:${error.place?.column}`)

describe('references in settings', () => {
  it('are replaced, alone or inside a text, and kept as they are written beside it', () => {
    const { value, asWritten, problems } = resolved('a: ${env:SECRET}\nb: ["x-${env:SHORT}-${env:PORT}", 5, true]')
    expect(problems).toEqual([])
    expect(value).toEqual({ a: 'a-long-secret', b: ['x-abc-8443', 5, true] })
    expect(asWritten).toEqual({ a: '${env:SECRET}', b: ['x-${env:SHORT}-${env:PORT}', 5, true] })
  })

  it('give secrets to be masked, but no addresses, ports and short words', () => {
    const { secrets } = resolved('[ "${env:SECRET}", "${env:URL}", "${env:HOOK}", "${env:PORT}", "${env:SHORT}" ]')
    expect(secrets).toEqual(['a-long-secret', environment.HOOK])
  })

  it('take the default of a variable that is missing or empty, and do not count it as secret', () => {
    const { value, secrets } = resolved(
      '[ "${env:NONE:-http://x:1/?a=b}", "${env:EMPTY:-some default}", "${env:SECRET:-y}" ]',
    )
    expect(value).toEqual(['http://x:1/?a=b', 'some default', 'a-long-secret'])
    expect(secrets).toEqual(['a-long-secret'])
  })

  it('are looked up once: what a reference gives is never looked at again', () => {
    expect(resolved('a: ${env:NESTED}').value).toEqual({ a: '${env:SECRET}' })
  })

  it.each([
    ['a missing variable', 'a: x\nb: "y ${env:NONE}"', 'config.missing-variable 2:7'],
    ['an empty variable', 'a: ${env:EMPTY}', 'config.missing-variable 1:4'],
    ['a kind nobody knows', 'a: ${secret:x}', 'config.bad-reference 1:4'],
    ['a bare name', 'a: ${SECRET}', 'config.bad-reference 1:4'],
    ['no end', 'a: "${env:SECRET"', 'config.bad-reference 1:5'],
    ['no name', 'a: ${env:}', 'config.bad-reference 1:4'],
    ['a missing file', 'a: ${file:nothing}', 'config.missing-file 1:4'],
    ["a variable of the hub's own (H10)", 'a: ${env:SHUNIU_TOKEN}', 'config.reserved-variable 1:4'],
    ["a variable of the hub's own, with a default (H10)", 'a: ${env:SHUNIU_TOKEN:-x}', 'config.reserved-variable 1:4'],
  ])('with %s are refused', (_, text, expected) => {
    const found = resolved(text)
    expect(codesOf(found)).toEqual([expected])
    expect(found.secrets).toEqual([])
  })

  it('read a file without its last line end, relative to the project or not', () => {
    writeFileSync(join(dir, 'token'), 'from-a-file\r\n')
    symlinkSync('token', join(dir, 'link'))
    const { value, secrets } = resolved(
      `[ "\${file:token}", "\${file:./link}", ${JSON.stringify(`\${file:${dir}/token}`)} ]`,
    )
    expect(value).toEqual(['from-a-file', 'from-a-file', 'from-a-file'])
    expect(secrets).toEqual(['from-a-file'])
  })

  it('refuse a folder, a device and a huge file instead of reading them', () => {
    mkdirSync(join(dir, 'folder'))
    writeFileSync(join(dir, 'huge'), 'x'.repeat(65 * 1024))
    const found = resolved('["${file:folder}", "${file:/dev/zero}", "${file:huge}"]')
    expect(found.problems.map(({ error }) => error.parameters['because'])).toEqual(['ENOTFILE', 'ENOTFILE', 'EFBIG'])
  })
})
