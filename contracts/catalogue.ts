import type { Text } from './words.ts'

/** One entry: HTTP status, the sentence (what, where) and the help (what to do). `{name}` places are parameters. */
export interface CatalogueEntry {
  readonly status: number
  readonly message: Text
  readonly help: Text
}

const entry = (status: number, en: string, zh: string, helpEn: string, helpZh: string): CatalogueEntry => ({
  status,
  message: { en, zh },
  help: { en: helpEn, zh: helpZh },
})

/**
 * Every failure code of the hub, in one table. A code is `area.what-is-wrong`, stable for ever.
 * A connector's own codes stand in its declaration, with its name as the area.
 */
export const catalogue = {
  // —— programming and surprises
  'internal.bug': entry(
    500,
    'Something unexpected happened: {what}.',
    '发生了意外情况：{what}。',
    'Nothing was lost. Report it with the log line.',
    '数据没有丢失。请附上日志反馈给我们。',
  ),
  // —— json: reading and writing values
  'json.syntax': entry(
    400,
    'This is not JSON: line {line}, column {column} should be {expected}.',
    '不是有效的 JSON：第 {line} 行第 {column} 列应为 {expected}。',
    'Look at the raw text at this place; an HTML page instead of JSON often means a login page or a proxy.',
    '请查看原文的这个位置；若返回的是 HTML 页面，通常是登录页或代理。',
  ),
  'json.not-utf8': entry(
    400,
    'The text is not UTF-8.',
    '文本不是 UTF-8 编码。',
    'Let the sender encode it as UTF-8.',
    '请让发送方使用 UTF-8 编码。',
  ),
  'json.too-large': entry(
    413,
    'The JSON text has {bytes} bytes; at most {maxBytes} are read.',
    'JSON 文本有 {bytes} 字节，最多读取 {maxBytes} 字节。',
    'Ask for smaller pages or fewer fields.',
    '请减小分页或减少字段。',
  ),
  'json.too-deep': entry(
    400,
    'Line {line}, column {column} is nested deeper than {maxDepth} levels.',
    '第 {line} 行第 {column} 列嵌套超过 {maxDepth} 层。',
    'No business document is that deep; look at who sent it.',
    '业务单据不会这么深，请检查发送方。',
  ),
  'json.too-many-keys': entry(
    400,
    'The JSON text has more than {maxKeys} members (line {line}, column {column}).',
    'JSON 文本的成员超过 {maxKeys} 个（第 {line} 行第 {column} 列）。',
    'Ask for smaller pages or fewer fields.',
    '请减小分页或减少字段。',
  ),
  'json.duplicate-key': entry(
    400,
    'A key stands twice in one object (line {line}, column {column}).',
    '同一个对象里有重复的键（第 {line} 行第 {column} 列）。',
    'Nobody can say which value counts; let the sender write each key once.',
    '无法判断以哪个值为准；请让发送方每个键只写一次。',
  ),
  'json.number-range': entry(
    400,
    'The number at line {line}, column {column} is too long or its exponent too large.',
    '第 {line} 行第 {column} 列的数字过长或指数过大。',
    'No amount has hundreds of digits; look at who sent it.',
    '金额不会有数百位，请检查发送方。',
  ),
  'json.not-a-value': entry(
    500,
    'A {what} cannot be written as a value.',
    '{what} 类型不能作为值写出。',
    'Numbers must be decimals; this is a mistake in the code that built the value.',
    '数字必须是 Decimal；这是构造该值的代码的错误。',
  ),
  'json.value-too-deep': entry(
    422,
    'The value is nested deeper than {maxDepth} levels.',
    '值的嵌套超过 {maxDepth} 层。',
    'Let the flow build a flatter value.',
    '请在流程中构造更扁平的值。',
  ),
  'json.not-packed': entry(
    500,
    'Stored text is not a packed value: {what}.',
    '存储的文本不是打包值：{what}。',
    'The store was changed from outside, or written by a newer version. Restore it from a backup.',
    '存储被外部修改，或由更新的版本写入。请从备份恢复。',
  ),
  // —— store and log
  'store.owned': entry(
    409,
    'The data folder {folder} belongs to another hub that is running.',
    '数据目录 {folder} 正被另一个运行中的枢纽占用。',
    'Stop the other hub, or give this one a folder of its own with --data.',
    '请先停止另一个枢纽，或用 --data 指定独立的目录。',
  ),
  'store.newer': entry(
    500,
    '{file} was written by a newer hub (schema {version}, this one knows {known}).',
    '{file} 由更新版本的枢纽写入（结构版本 {version}，当前只认识 {known}）。',
    'Start the newer version again, or restore a backup made by this version.',
    '请使用更新的版本启动，或恢复由当前版本制作的备份。',
  ),
  'store.full': entry(
    503,
    'The disk takes no more data.',
    '磁盘已满，无法写入。',
    'Free space on the disk of the data folder; work goes on by itself.',
    '请释放数据目录所在磁盘的空间，之后会自动继续。',
  ),
} as const satisfies Record<string, CatalogueEntry>

export type ErrorCode = keyof typeof catalogue
