import type { Language, Text } from '@shuniu/contracts'
import { builtIns } from './functions/index.ts'

/** One entry of the reference, for pages, editors and `shuniu expr`. */
export interface FunctionEntry {
  readonly name: string
  readonly signature: string
  readonly help: Text
  readonly example: readonly [source: string, value: string]
}

/** What the grammar itself gives meaning to: it looks like a function, but not all arguments are always evaluated. */
const special: readonly FunctionEntry[] = [
  {
    name: 'has',
    signature: 'has(record.field)',
    help: { en: 'Whether the record has the field; its value may be null.', zh: '记录是否有该字段（值可以为 null）。' },
    example: ['has({"a": null}.a)', 'true'],
  },
  {
    name: 'coalesce',
    signature: 'coalesce(a, b, …)',
    help: {
      en: 'The first that is not null; the others are not evaluated. A missing field stays an error.',
      zh: '第一个不为 null 的值，之后的不再计算。缺少字段仍然报错。',
    },
    example: ['coalesce(null, "—")', '—'],
  },
  {
    name: 'all',
    signature: 'list.all(x, condition)',
    help: {
      en: 'Whether it holds for every element; stops at the first that fails.',
      zh: '是否对每个元素都成立；遇到不成立即停止。',
    },
    example: ['[1, 2].all(x, x > 0)', 'true'],
  },
  {
    name: 'exists',
    signature: 'list.exists(x, condition)',
    help: { en: 'Whether it holds for some element; stops at the first.', zh: '是否存在成立的元素；找到即停止。' },
    example: ['[1, 2].exists(x, x > 1)', 'true'],
  },
  {
    name: 'exists_one',
    signature: 'list.exists_one(x, condition)',
    help: { en: 'Whether it holds for exactly one element.', zh: '是否恰好有一个元素成立。' },
    example: ['[1, 2].exists_one(x, x > 0)', 'false'],
  },
  {
    name: 'filter',
    signature: 'list.filter(x, condition)',
    help: { en: 'The elements for which it holds.', zh: '成立的元素。' },
    example: ['[1, 2, 3].filter(x, x > 1)', '[2,3]'],
  },
  {
    name: 'map',
    signature: 'list.map(x, expression)',
    help: { en: 'The result for every element.', zh: '每个元素的计算结果。' },
    example: ['[1, 2].map(x, x * 10)', '[10,20]'],
  },
  {
    name: 'sum',
    signature: 'list.sum(x, expression)',
    help: { en: 'The exact sum of the results; 0 for an empty list.', zh: '结果的精确合计；空列表为 0。' },
    example: ['[{"a": 0.1}, {"a": 0.2}].sum(l, l.a)', '0.3'],
  },
]

/** Every function and macro of the language. */
export const functionReference: readonly FunctionEntry[] = [
  ...special,
  ...builtIns.map(({ name, signature, help, example }) => ({ name, signature, help, example })),
]

/** The reference as a Markdown table; the pages in `docs/` contain it, and a test holds them to it. */
export function functionTable(language: Language): string {
  const head = { en: '| Function | What it gives | Example |', zh: '| 函数 | 结果 | 示例 |' }[language]
  const rows = functionReference.map(
    ({ signature, help, example: [source, value] }) =>
      `| ${code(signature)} | ${cell(help[language])} | ${code(source)} → ${code(value)} |`,
  )
  return [head, '|---|---|---|', ...rows].join('\n')
}

function code(source: string): string {
  return source
    .split(' · ')
    .map((one) => `\`${cell(one)}\``)
    .join(' · ')
}

function cell(markdown: string): string {
  return markdown.replaceAll('|', '\\|')
}
