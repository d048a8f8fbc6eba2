import { toJson } from '../codec/json-form.ts'
import type { Contract } from '../contract.ts'
import { sampleOf } from '../sample.ts'
import type { Language, Text } from '../words.ts'
import { inOrderOfTopics, type CatalogueAround } from './about.ts'
import { sampleHeaders } from './asyncapi.ts'
import { fieldRows } from './fields.ts'

/** A page before it is Markdown or HTML. */
interface Page {
  readonly title: string
  readonly lead: string
  readonly parts: readonly Part[]
}

interface Part {
  readonly title: string
  readonly text: string
  readonly facts: readonly (readonly [string, string])[]
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
  readonly samples: readonly (readonly [string, string])[]
}

const words = {
  lead: {
    en: 'What each topic promises. The value is Avro in the Confluent wire format; schemas: {registry}, broker: {server}. An event may come more than once: ce_source and ce_id name it.',
    zh: '每个主题的承诺。消息体为 Confluent 格式的 Avro；结构注册中心：{registry}，消息服务器：{server}。同一事件可能到达多次，以 ce_source 与 ce_id 识别。',
  },
  type: { en: 'Type', zh: '类型' },
  owner: { en: 'Owner', zh: '负责团队' },
  key: { en: 'Key', zh: '键' },
  revision: { en: 'Revision', zh: '修订' },
  visibility: { en: 'Visibility', zh: '可见范围' },
  compatibility: { en: 'Compatibility', zh: '兼容级别' },
  subject: { en: 'Subject in the registry', zh: '注册中心中的 subject' },
  retention: { en: 'Retention', zh: '保留时间' },
  asTheTopic: { en: 'as the topic is set', zh: '以主题设置为准' },
  forEver: { en: 'for ever', zh: '永久' },
  days: { en: '{days} days', zh: '{days} 天' },
  field: { en: 'Field', zh: '字段' },
  needed: { en: 'Always there', zh: '必有' },
  meaning: { en: 'Meaning', zh: '含义' },
  personal: { en: 'Personal data', zh: '个人信息' },
  yes: { en: 'yes', zh: '是' },
  headers: { en: 'Headers', zh: '消息头' },
  data: { en: 'Data, as JSON', zh: '数据（以 JSON 表示）' },
} as const satisfies Record<string, Text>

function pageOf(contracts: readonly Contract[], around: CatalogueAround, language: Language): Page {
  const say = (word: keyof typeof words): string => words[word][language]
  const lead = say('lead').replace('{registry}', around.registry).replace('{server}', around.server)
  const prefix = around.prefix ?? ''
  return { title: around.title, lead, parts: inOrderOfTopics(contracts).map((one) => partOf(one)) }

  function partOf(contract: Contract): Part {
    const { type, owner, key, revision, visibility, compatibility, doc, shape } = contract
    const topic = prefix + contract.topic
    const data = toJson(contract, sampleOf(contract))
    return {
      title: topic,
      text: doc[language],
      facts: [
        [say('type'), type],
        [say('owner'), owner],
        [say('key'), key],
        ...(revision === undefined ? [] : [[say('revision'), revision] as const]),
        [say('visibility'), visibility],
        [say('compatibility'), compatibility],
        [say('subject'), `${topic}-value`],
        [say('retention'), retention()],
      ],
      columns: [say('field'), say('type'), say('needed'), say('meaning'), say('personal')],
      rows: fieldRows(shape, language).map((row) => {
        return [row.path, row.type, row.isNeeded ? say('yes') : '', row.doc, row.pii ?? '']
      }),
      samples: [
        [say('headers'), JSON.stringify(sampleHeaders(contract), undefined, 2)],
        [say('data'), JSON.stringify(data, undefined, 2)],
      ],
    }
  }

  function retention(): string {
    const ms = around.topics?.retentionMs
    if (ms === undefined) return say('asTheTopic')
    return ms < 0 ? say('forEver') : say('days').replace('{days}', String(Math.round(ms / 86_400_000)))
  }
}

/** The catalogue as Markdown, for a wiki. */
export function markdownPage(contracts: readonly Contract[], around: CatalogueAround, language: Language): string {
  const { title, lead, parts } = pageOf(contracts, around, language)
  const row = (cells: readonly string[]): string => `| ${cells.map(inCell).join(' | ')} |`
  const table = ([head = [], ...rest]: readonly (readonly string[])[]): string =>
    [row(head), row(head.map(() => '---')), ...rest.map(row)].join('\n')
  const written = parts.map(({ title: topic, text, facts, columns, rows, samples }) =>
    [
      `## ${topic}`,
      inText(text),
      table([['', ''], ...facts]),
      table([columns, ...rows]),
      ...samples.flatMap(([name, sample]) => [`${name}:`, `\`\`\`json\n${sample}\n\`\`\``]),
    ].join('\n\n'),
  )
  return `${[`# ${inText(title)}`, inText(lead), ...written].join('\n\n')}\n`
}

/** What Markdown would take for markup. */
function inText(text: string): string {
  return text.replace(/[\\`*_[\]<>]/g, '\\$&')
}

function inCell(text: string): string {
  return text === '---' ? text : inText(text).replaceAll('|', '\\|').replaceAll('\n', ' ')
}

/** The catalogue as one HTML file that needs nothing else. */
export function htmlPage(contracts: readonly Contract[], around: CatalogueAround, language: Language): string {
  const { title, lead, parts } = pageOf(contracts, around, language)
  const row = (tag: 'td' | 'th', cells: readonly string[]): string =>
    `<tr>${cells.map((cell) => `<${tag}>${escaped(cell)}</${tag}>`).join('')}</tr>`
  const toc = parts.map(({ title: topic }) => `<li><a href="#${escaped(topic)}">${escaped(topic)}</a></li>`).join('\n')
  const written = parts.map(({ title: topic, text, facts, columns, rows, samples }) =>
    [
      `<section id="${escaped(topic)}"><h2>${escaped(topic)}</h2>`,
      `<p>${escaped(text)}</p>`,
      `<dl>${facts.map(([name, value]) => `<dt>${escaped(name)}</dt><dd>${escaped(value)}</dd>`).join('')}</dl>`,
      `<table><thead>${row('th', columns)}</thead><tbody>${rows.map((cells) => row('td', cells)).join('\n')}</tbody></table>`,
      ...samples.map(([name, sample]) => `<h3>${escaped(name)}</h3><pre>${escaped(sample)}</pre>`),
      '</section>',
    ].join('\n'),
  )
  return [
    `<!doctype html>\n<html lang="${language}"><head><meta charset="utf-8"><title>${escaped(title)}</title>`,
    '<meta name="viewport" content="width=device-width"><style>',
    style,
    `</style></head><body><h1>${escaped(title)}</h1><p>${escaped(lead)}</p><nav><ul>${toc}</ul></nav>`,
    ...written,
    '</body></html>\n',
  ].join('\n')
}

const style = `body{font:15px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem;color:#1b1f24}
table{border-collapse:collapse;width:100%}th,td{border:1px solid #d0d7de;padding:.3rem .5rem;text-align:left;vertical-align:top}
th{background:#f6f8fa}td:first-child{font-family:ui-monospace,monospace}dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem}
dt{color:#57606a}dd{margin:0;font-family:ui-monospace,monospace}pre{background:#f6f8fa;padding:.8rem;overflow:auto}`

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character)
}
