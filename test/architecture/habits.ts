import { isForTests, isKit } from './roles.ts'
import { isNode, nameOf, type Habit, type SyntaxNode } from './syntax.ts'

const isTest = (path: string): boolean => isForTests(path) && !isKit(path)

/** Where the clock and chance are real: their port, what runs in or beside other programs, the probe of the disk, and names given once. */
const isReal = (path: string): boolean =>
  isForTests(path) ||
  /^infra\/time\/|^clients\/|\/simulator\/|^services\/hub\/(demo|proof)\/|^infra\/(?:embedded\/index|ground\/\w+|leases\/leases)\.ts$/.test(
    path,
  )

const never = (): boolean => false

function isCallOf(node: SyntaxNode, names: readonly string[]): boolean {
  return node.type === 'CallExpression' && names.includes(nameOf(node['callee']) ?? '')
}

const clocks = ['Date.now', 'performance.now', 'process.hrtime', 'setTimeout', 'setInterval']
const chances = ['Math.random', 'crypto.randomUUID', 'randomUUID']
const testWords = ['it', 'test', 'describe', 'suite'].flatMap((word) =>
  ['skip', 'only', 'todo', 'fails'].map((mark) => `${word}.${mark}`),
)

/** What the code of this repository does not do, except where it is written here. */
export const habits: readonly Habit[] = [
  {
    rule: 'no `any`: say what it is, or `unknown` and check it',
    allowedIn: never,
    is: (node) => node.type === 'TSAnyKeyword',
  },
  {
    rule: 'no `as unknown as`: check the value instead',
    allowedIn: isTest,
    is: (node) =>
      node.type === 'TSAsExpression' && isNode(node['expression']) && node['expression'].type === 'TSAsExpression',
  },
  {
    rule: 'only main and the command line read process.env',
    allowedIn: (path) => isTest(path) || /^services\/hub\/(cli\/|main\.ts$)/.test(path),
    is: (node) => nameOf(node) === 'process.env',
  },
  {
    rule: 'time comes from the Clock',
    allowedIn: isReal,
    is: (node) => isCallOf(node, clocks) || isNow(node),
  },
  {
    rule: 'chance comes from Random',
    allowedIn: isReal,
    is: (node) => isCallOf(node, chances),
  },
  {
    rule: 'no test is skipped, left out or expected to fail',
    allowedIn: never,
    is: (node) => testWords.includes(nameOf(node) ?? ''),
  },
]

function isNow(node: SyntaxNode): boolean {
  const { arguments: given } = node
  return (
    node.type === 'NewExpression' && nameOf(node['callee']) === 'Date' && Array.isArray(given) && given.length === 0
  )
}
