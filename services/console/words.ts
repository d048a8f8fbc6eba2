import type { ParkReason, Text } from '@shuniu/contracts'

const text = (en: string, zh: string): Text => ({ en, zh })

/** What a person does about a parked run, by its reason. */
export const nextForRuns: Readonly<Record<ParkReason, Text>> = {
  unmapped: text(
    'Add the missing row to the table (`shuniu tables set`); the run then goes on by itself.',
    '在映射表中补上缺少的行（`shuniu tables set`），运行会自动继续。',
  ),
  'check-failed': text(
    'Have the approval corrected in its system; drop this run once the corrected one has arrived.',
    '请在审批系统中更正单据；更正后的单据到达后，放弃本条。',
  ),
  invalid: text('Correct the document or the flow where the message says, then retry.', '按提示更正单据或流程后重试。'),
  rejected: text(
    'The target refused it and saved nothing. Correct what its words name, then retry.',
    '目标系统已拒绝且未保存。按其提示更正后重试。',
  ),
  'period-closed': text(
    'Retry asks for an open day again: while its month stays closed, that is the first open day of the year. Have the month reopened first if it must stand there. It goes on by itself likewise: looked at every 5 min at first, every hour at last.',
    '“重试”会重新取记账日期：所属月份仍结账时，记入本年度首个未结账日期；须入原月份时，请先反结账。系统也会同样自动继续：起初每 5 分钟、最终每小时查看一次。',
  ),
  conflict: text(
    'Compare both documents with `shuniu trace`, then resolve with the right one or have the wrong one removed and retry.',
    '用 `shuniu trace` 核对两份单据，然后用正确的单据“确认”，或在目标系统处理错误单据后重试。',
  ),
  duplicate: text(
    'Two documents carry our reference. Have one reversed in the target, then resolve with the other.',
    '目标系统中有两张单据带有同一参考号。请冲销其中一张，再用另一张“确认”。',
  ),
  'in-doubt': text(
    'Look in the target: if the document is there, resolve with its number; if it certainly is not, retry.',
    '请在目标系统中查找：若单据已存在，用其编号“确认”；若确定不存在，再“重试”。',
  ),
  'deleted-in-target': text(
    'Somebody deleted or voided the document in the target. Ask who and why, then drop, or resolve with what replaces it.',
    '单据在目标系统中已被删除或作废。请先核实原因，然后“放弃”，或用替代单据“确认”。',
  ),
  poison: text(
    'The hub itself stumbled over it three times. Report it with the message; retry after an update.',
    '系统处理时连续三次出错。请连同提示信息反馈；升级后重试。',
  ),
  'journal-mismatch': text(
    'The flow differs from the one this run began with. Bring the old version back and retry, or drop it.',
    '流程与该运行开始时不一致。请恢复旧版本后重试，或放弃。',
  ),
  connection: text(
    'Repair the connection; when `shuniu connection check` finds nothing wrong it goes on at once. It is also checked by itself: every 5 min at first, every 6 h at last.',
    '请修复连接；`shuniu connection check` 全部通过后立即继续。系统也会自行检查：起初每 5 分钟、最终每 6 小时一次。',
  ),
  human: text(
    'A person decides: retry = do it now, resolve = it was done by hand, drop = leave it as it is.',
    '由人决定：重试＝立即执行，确认＝已手工处理，放弃＝保持现状。',
  ),
}

/** What a person does about a parked receipt, where that differs. */
const nextForReceipts: Readonly<Partial<Record<ParkReason, Text>>> = {
  invalid: text(
    'Correct the mapping in the connection’s `events`, then retry.',
    '请更正该连接 `events` 中的映射，然后重试。',
  ),
  unmapped: text('Add what the mapping misses, then retry.', '请补上映射所缺的内容，然后重试。'),
  conflict: text(
    'What was pushed and what was read disagree. Look at the document in its system, then retry or drop.',
    '推送内容与读取结果不一致。请在来源系统查看该单据，然后重试或放弃。',
  ),
  poison: text(
    'It cannot be understood; its bytes are kept. Retry after an update, or drop it.',
    '内容无法解析，原始数据已保留。升级后重试，或放弃。',
  ),
  human: text(
    'It changes something that was done before the cut-over. Retry = let it through, drop = it is handled by hand.',
    '它变更了启用日期之前的单据。重试＝放行处理，放弃＝已手工处理。',
  ),
}

export const nextForReceipt = (reason: ParkReason): Text => nextForReceipts[reason] ?? nextForRuns[reason]

/** How a receipt came to us. */
export const originWords: Readonly<Record<string, Text>> = {
  push: text('pushed to us', '推送送达'),
  stream: text('through the open stream', '长连接送达'),
  poll: text('fetched by a poll', '轮询取得'),
  sweep: text('found by a sweep (no push had told us)', '定期核对时补到（此前未收到推送）'),
}

/** Why a run or a receipt was skipped. */
export const skipWords: Readonly<Record<string, Text>> = {
  'no flow': text('no flow is on for it', '没有启用的流程需要它'),
  'no mapping': text('the connection maps nothing of this form', '该连接未映射此表单'),
  'before cut-over': text('it is older than the cut-over', '早于启用日期'),
  where: text('the condition `where` does not hold', '不满足 `where` 条件'),
  duplicate: text('the same revision had already arrived', '同一修订已经收到过'),
  superseded: text('a newer revision had already arrived', '已有更新的修订'),
  withdrawn: text('the approval had been withdrawn', '审批已撤销'),
  dropped: text('a person dropped it', '已由人工放弃'),
  'taken in again': text('a run under the changed flow took its place', '已按修改后的流程重新处理'),
}

export const stateWords: Readonly<Record<string, Text>> = {
  queued: text('waits for its turn', '排队中'),
  running: text('is under way', '处理中'),
  waiting: text('waits', '等待中'),
  prepared: text('not sent yet', '尚未发送'),
  sending: text('being sent', '发送中'),
  'in doubt': text('sent, and nobody knows yet whether it was done', '已发送，结果尚不明确'),
  accepted: text('accepted by the target, not finished', '目标系统已受理，尚未完成'),
  confirmed: text('confirmed', '已确认'),
  rejected: text('refused by the target', '被目标系统拒绝'),
  'given up': text('given up', '已放弃'),
}
