import { readFileSync, writeFileSync } from 'node:fs'
import { functionTable } from '../index.ts'
for (const [l, f] of [
  ['en', 'expressions.md'],
  ['zh', 'expressions.zh-CN.md'],
] as const)
  writeFileSync(
    `/work/main/docs/${f}`,
    readFileSync(`/tmp/x/${l}.md`, 'utf8') + functionTable(l) + readFileSync(`/tmp/x/${l}2.md`, 'utf8'),
  )
