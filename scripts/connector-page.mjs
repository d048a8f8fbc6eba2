// The generated part of a connector's README: what its declaration says, in tables. The rest is written by hand.
import { plain, table } from './tables.mjs'

const begin = '<!-- generated from connector.ts: npm run generate -->'
const end = '<!-- end of the generated part -->'

/** The page with its generated part made anew; a page without one gets it at its end. */
export function connectorPage(connector, page) {
  const part = `${begin}\n\n${sections(connector).join('\n\n')}\n\n${end}`
  const [from, to] = [page.indexOf(begin), page.indexOf(end)]
  if (from === -1 || to === -1) return `${page.trimEnd()}\n\n${part}\n`
  return page.slice(0, from) + part + page.slice(to + end.length)
}

function sections({ name, settings, sources, operations, failures }) {
  const declared = settings.toJSONSchema({ io: 'input', unrepresentable: 'any' })
  return [
    ['## Settings 设置', table(['Setting', 'Default', 'Meaning', 'Example'], settingRows(declared))],
    ['## Sources 来源', table(['Source', '', 'Finds what a push lost'], Object.entries(sources).map(sourceRow))],
    ['## Operations 操作', table(operationHead, Object.entries(operations).map(operationRow))],
    [
      '## Failures 错误',
      table(
        failureHead,
        Object.entries(failures).map((one) => failureRow(name, one)),
      ),
    ],
  ].flatMap(([title, text]) => (text === undefined ? [] : [title, text]))
}

/** One row for each setting; those inside another follow it, as `callback.token`. */
function settingRows({ properties = {}, required = [] }, prefix = '') {
  return Object.entries(properties).flatMap(([name, setting]) => {
    const { default: preset, description = '', examples: [example] = [] } = setting
    const missing = required.includes(name) ? 'required' : ''
    const row = [
      `\`${prefix}${name}\``,
      code(preset) || missing,
      plain(description),
      setting.properties ? '' : code(example),
    ]
    return [row, ...settingRows(setting, `${prefix}${name}.`)]
  })
}

function code(value) {
  return value === undefined ? '' : `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``
}

function sourceRow([name, { title, sweep }]) {
  const finds =
    'none' in sweep
      ? plain(sweep.none)
      : sweep.rhythm.map(({ window, every }) => `${span(window)} back every ${span(every)}`).join(', ')
  return [`\`${name}\``, both(title), finds]
}

const operationHead = ['Operation', '', 'Effect', 'Grade', 'Timeout', 'Quarantine', 'Our reference']

function operationRow([name, { title, effect, grade, timeout, quarantine, reference }]) {
  return [`\`${name}\``, both(title), effect, grade, timeout, quarantine, reference]
}

const failureHead = ['Code', 'Class', 'What to do']

function failureRow(connector, [name, { class: kind, help }]) {
  return [`\`${connector}.${name}\``, kind, both(help)]
}

function both({ en, zh }) {
  return `${plain(en)}<br>${plain(zh)}`
}

const units = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
]

function span(ms) {
  const [unit, size] = units.find(([, one]) => ms % one === 0) ?? ['ms', 1]
  return ms === size ? unit : `${ms / size} ${unit}s`
}
