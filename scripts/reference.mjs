// The generated parts of docs/: keys of files, steps, options, metrics, parks and errors, in English and Chinese.
import { inChinese } from './reference-zh.mjs'
import { plain, table, withParts } from './tables.mjs'

const pages = [
  { language: 'en', ending: '.md', tell: (text) => plain(text) },
  { language: 'zh', ending: '.zh-CN.md', tell: (text) => plain(inChinese(text)) },
]

/**
 * Pages as [path, text]. `read` gives a page as it is; `declared` is what they tell of: `catalogue`, `schemas` (JSON
 * Schemas by path), `metrics`, `options`, and `parks` (what to do about a parked run, by reason).
 */
export function referencePages(declared, read) {
  const { schemas, catalogue } = declared
  return pages.flatMap((speech) => {
    const page = (name, parts) => {
      const path = `docs/${name}${speech.ending}`
      return [path, withParts(read(path), parts, path)]
    }
    return [
      page('flows', flowParts(schemas, speech)),
      page('operations', operationParts(declared, speech)),
      page('errors', { errors: errors(catalogue, speech) }),
    ]
  })
}

const heads = {
  key: { en: ['Key', '', 'Meaning'], zh: ['键', '', '含义'] },
  option: { en: ['Flag', 'Variable', 'Default', 'Meaning'], zh: ['参数', '环境变量', '默认', '含义'] },
  metric: { en: ['Metric', 'Kind', 'Meaning'], zh: ['指标', '类型', '含义'] },
  park: { en: ['Reason', 'What to do'], zh: ['原因', '怎么办'] },
  error: { en: ['Code', 'Says', 'What to do'], zh: ['错误码', '提示', '怎么办'] },
}

function flowParts(schemas, speech) {
  const schemaOf = (name) => JSON.parse(schemas.get(`docs/schemas/${name}.schema.json`))
  const keys = (schema) => table(heads.key[speech.language], keyRows(schema, speech))
  const flow = schemaOf('flow')
  const steps = Object.entries(flow.definitions).filter(([name]) => name.endsWith('-step'))
  return {
    hub: keys(schemaOf('hub')),
    connection: keys(schemaOf('connection')),
    flow: keys(flow),
    ...Object.fromEntries(steps.map(([name, schema]) => [name, keys(schema)])),
  }
}

/** One row for each key; those inside another follow it: `undo.call`, in lists `events[].emit`, in maps `operations.*.timeout`. */
function keyRows({ properties = {}, required = [] }, speech, prefix = '') {
  return Object.entries(properties).flatMap(([key, part]) => {
    const { description, default: preset } = part
    const need = required.includes(key) ? speech.tell('required') : ''
    const words = [description === undefined ? '' : speech.tell(description), presetText(preset)]
    const row = [`\`${prefix}${key}\``, need, words.join('')]
    return [row, ...innerRows(part, speech, `${prefix}${key}`)]
  })
}

const presetText = (preset) => (preset === undefined || typeof preset === 'object' ? '' : ` (\`${preset}\`)`)

function innerRows(part, speech, key) {
  const { properties, items, additionalProperties, anyOf = [] } = part
  if (properties) return keyRows(part, speech, `${key}.`)
  if (items?.properties) return keyRows(items, speech, `${key}[].`)
  if (additionalProperties?.properties) return keyRows(additionalProperties, speech, `${key}.*.`)
  return anyOf.flatMap((option) => innerRows(option, speech, key))
}

function operationParts({ options, metrics, parks }, { language, tell }) {
  const parkRows = Object.entries(parks).map(([reason, next]) => [`\`${reason}\``, plain(next[language])])
  return {
    options: table(
      heads.option[language],
      Object.entries(options).map((one) => optionRow(one, tell)),
    ),
    metrics: table(
      heads.metric[language],
      Object.values(metrics).map((one) => metricRow(one, tell)),
    ),
    parks: table(heads.park[language], parkRows),
  }
}

function optionRow([name, { default: preset, help }], tell) {
  const dashed = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
  const variable = `SHUNIU_${dashed.replaceAll('-', '_').toUpperCase()}`
  return [`\`--${dashed}\``, `\`${variable}\``, preset === undefined ? '' : `\`${preset}\``, tell(help)]
}

function metricRow({ type, name, help, labels }, tell) {
  const series = labels.length === 0 ? name : `${name}{${labels.join(',')}}`
  return [`\`${series}\``, type, tell(help)]
}

/** A table for each area of the catalogue, in the order in which they stand there. */
function errors(catalogue, { language }) {
  const areas = Map.groupBy(Object.entries(catalogue), ([code]) => code.replace(/\..*/, ''))
  return [...areas].map(([area, entries]) => `## ${area}\n\n${errorTable(entries, language)}`).join('\n\n')
}

function errorTable(entries, language) {
  const rows = entries.map(([code, { status, message, help }]) => {
    return [`\`${code}\``, `${plain(message[language])}<br>HTTP ${status}`, plain(help[language])]
  })
  return table(heads.error[language], rows)
}
