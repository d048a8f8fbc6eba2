import type { Language } from '@shuniu/contracts'

/**
 * The closed lists of the hub as people read them in Chinese; English reads the codes themselves. Options and `--json` keep
 * the codes in both languages.
 */
const chinese: ReadonlyMap<string, string> = new Map([
  // —— states of receipts, runs and effects
  ['received', '已接收'],
  ['published', '已发布'],
  ['skipped', '已跳过'],
  ['parked', '待处理'],
  ['queued', '排队中'],
  ['running', '处理中'],
  ['waiting', '等待中'],
  ['done', '已完成'],
  ['prepared', '待发送'],
  ['sending', '发送中'],
  ['in doubt', '存疑'],
  ['accepted', '已受理'],
  ['confirmed', '已确认'],
  ['rejected', '被拒绝'],
  ['given up', '已放弃'],
  // —— why something is parked
  ['unmapped', '缺映射'],
  ['check-failed', '校验未通过'],
  ['invalid', '内容无效'],
  ['period-closed', '期间已结账'],
  ['conflict', '内容冲突'],
  ['duplicate', '重复'],
  ['in-doubt', '存疑'],
  ['deleted-in-target', '目标中已删除'],
  ['poison', '无法解析'],
  ['journal-mismatch', '流程已变更'],
  ['connection', '连接故障'],
  ['human', '需人工决定'],
  // —— why something is skipped
  ['no flow', '无流程需要'],
  ['no mapping', '未映射'],
  ['before cut-over', '早于启用日期'],
  ['where', '不满足条件'],
  ['superseded', '已有更新修订'],
  ['withdrawn', '已撤销'],
  ['dropped', '已放弃'],
  // —— how a receipt came, and how a connection is
  ['push', '推送'],
  ['stream', '长连接'],
  ['poll', '轮询'],
  ['sweep', '定期核对'],
  ['closed', '正常'],
  ['open', '已熔断'],
  ['half-open', '试探中'],
  ['connected', '已连接'],
  ['disconnected', '已断开'],
  // —— kinds of items and of findings
  ['run', '运行'],
  ['receipt', '接收记录'],
  ['runs', '运行'],
  ['receipts', '接收记录'],
  ['inDoubt', '存疑'],
  ['undo', '冲销'],
  ['missing', '缺失'],
  ['doubled', '重复'],
  ['amount-differs', '金额不符'],
  ['period-differs', '期间不符'],
  ['unknown-to-us', '非本系统生成'],
  ['deleted', '已删除'],
  // —— what a project's files become
  ['added', '新增'],
  ['changed', '修改'],
  ['removed', '删除'],
  // —— tokens
  ['usable', '可用'],
  ['expired', '已过期'],
  ['revoked', '已吊销'],
  // —— how grave a problem is
  ['error', '错误'],
  ['warning', '警告'],
  // —— what a person can do
  ['retry', '重试 retry'],
  ['resolve', '确认 resolve'],
  ['drop', '放弃 drop'],
])

/** A word of a closed list in the user's language; what stands in none stays as it is. */
export function wordIn(language: Language, word: string): string {
  return language === 'zh' ? (chinese.get(word) ?? word) : word
}
