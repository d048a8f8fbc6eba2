// Every alert of the hub, once: npm run generate makes of it rules.yml and the runbook (docs/runbooks), in both languages.
// `expr` is what is wrong, `for` how long it has to be; `first` is what to do first, `next` what to do about it.

/** Prometheus finds the hub under a job with this in its name. */
const job = 'job=~".*shuniu.*"'

export const alerts = [
  {
    alert: 'ShuniuDown',
    expr: `up{${job}} == 0`,
    for: '2m',
    severity: 'critical',
    summary: { en: 'The hub {{ $labels.instance }} does not answer.', zh: '枢纽 {{ $labels.instance }} 没有应答。' },
    impact: {
      en: 'Nothing is received or posted by this process. Vendors keep their pushes for a while; sweeps find the rest later.',
      zh: '该进程既不接收也不记账。推送方会保留一段时间；其余由之后的补查找回。',
    },
    first: { en: 'Read the last lines of its log.', zh: '查看它日志的最后几行。' },
    next: {
      en: 'Start it again: a start on the same data is always safe, nothing is sent twice. `store.owned` in the log means that another hub works on this data folder; `project.invalid` that the project has a mistake, which `shuniu lint` names.',
      zh: '重新启动：在原数据上启动总是安全的，不会重复发送。日志中的 `store.owned` 表示另一个枢纽正在使用该数据目录；`project.invalid` 表示项目有错误，`shuniu lint` 会逐一指出。',
    },
  },
  {
    alert: 'ShuniuConservationGap',
    expr: 'shuniu_conservation_gap != 0',
    for: '5m',
    severity: 'critical',
    summary: {
      en: '{{ $value }} {{ $labels.stage }} cannot be accounted for.',
      zh: '{{ $labels.stage }} 有 {{ $value }} 件对不上。',
    },
    impact: {
      en: 'Something was accepted and has no end: the one thing that must never happen.',
      zh: '收下的东西没有去向：这是绝不允许发生的事。',
    },
    first: {
      en: 'Ask for a recount: `GET /api/v1/conservation?recount=true`.',
      zh: '重新清点：`GET /api/v1/conservation?recount=true`。',
    },
    next: {
      en: 'When the recount from rows has no gap, only a total is wrong: report it, nothing is lost. When it has one, make a backup (`shuniu backup`), report it with the log, and run `shuniu reconcile` for the month.',
      zh: '若按行重算没有差额，只是合计有误：请上报，没有丢失。若仍有差额，请先备份（`shuniu backup`），连同日志上报，并对当月运行 `shuniu reconcile`。',
    },
  },
  {
    alert: 'ShuniuUnpostedTooOld',
    expr: 'max by (flow) (shuniu_flow_oldest_unfinished_seconds) > 3600',
    for: '10m',
    severity: 'warning',
    summary: {
      en: 'The oldest event that {{ $labels.flow }} has not finished is {{ $value | humanizeDuration }} old.',
      zh: '流程 {{ $labels.flow }} 未完成的最早事件已有 {{ $value | humanizeDuration }}。',
    },
    impact: {
      en: 'An approved document is not in the ledger yet. At the end of a month it misses its period.',
      zh: '已审批的单据尚未入账。若在月末，会错过所属期间。',
    },
    first: {
      en: 'Look what waits: `shuniu park list`, then `shuniu status`.',
      zh: '查看在等什么：`shuniu park list`，然后 `shuniu status`。',
    },
    next: {
      en: 'What is parked waits for a person: decide it. Is nothing parked, `shuniu status` shows the connection that does not answer, and `shuniu trace <number>` the story of one document.',
      zh: '待处理的事项要由人决定：请处理。若没有待处理事项，`shuniu status` 会显示哪个连接没有应答，`shuniu trace <编号>` 会显示某张单据的经过。',
    },
  },
  {
    alert: 'ShuniuInDoubt',
    expr: 'sum(shuniu_effects_in_doubt) > 0',
    for: '15m',
    severity: 'warning',
    summary: {
      en: 'Of {{ $value }} sent documents nobody knows whether they arrived.',
      zh: '有 {{ $value }} 张已发送的单据不知是否到达。',
    },
    impact: {
      en: 'They are looked up in the target again and again, and not sent a second time before their absence is shown. Their keys wait.',
      zh: '系统会反复到目标系统查询，在证明不存在之前不会再次发送。相应的业务键在等待。',
    },
    first: {
      en: 'List them: `shuniu effects --state "in doubt"`; then `shuniu connection check <connection>`.',
      zh: '列出它们：`shuniu effects --state "in doubt"`；然后 `shuniu connection check <连接>`。',
    },
    next: {
      en: 'Mostly the target is slow or a permission to query is missing: repair that and they settle by themselves. Otherwise look in the target by the reference that `shuniu trace` shows; once it parks, resolve it with the document or retry.',
      zh: '多半是目标系统缓慢，或缺少查询权限：修好后会自行了结。否则按 `shuniu trace` 给出的参考号在目标系统中查找；转为待处理后，用单据“解决”或“重试”。',
    },
  },
  {
    alert: 'ShuniuParked',
    expr: 'sum by (reason) (shuniu_parked) > 0',
    for: '30m',
    severity: 'warning',
    summary: {
      en: '{{ $value }} items wait for a person: {{ $labels.reason }}.',
      zh: '{{ $value }} 件事项等待人工处理：{{ $labels.reason }}。',
    },
    impact: {
      en: 'Each holds the later events of its own key; everything else goes on.',
      zh: '每件只挡住自己业务键之后的事件，其余照常。',
    },
    first: { en: 'Read them: `shuniu park list`.', zh: '查看：`shuniu park list`。' },
    next: {
      en: 'The list says for each what to do; the reasons are explained in the page on operations. `unmapped`, `period-closed` and `connection` go on by themselves when the cause is gone.',
      zh: '列表中写明每件该怎么办；各原因在运维页面中有说明。`unmapped`、`period-closed`、`connection` 在原因消除后会自行继续。',
    },
  },
  {
    alert: 'ShuniuDocumentsDiffer',
    expr: 'sum by (reason) (shuniu_parked{reason=~"conflict|duplicate"}) > 0',
    for: '1m',
    severity: 'critical',
    summary: {
      en: '{{ $value }} documents in the target are not as they were sent ({{ $labels.reason }}).',
      zh: '目标系统中有 {{ $value }} 张单据与发送的不一致（{{ $labels.reason }}）。',
    },
    impact: {
      en: 'The books may be wrong: a document was changed by hand, stands there twice, or one id came with two contents.',
      zh: '账目可能有误：单据被手工修改、重复存在，或同一编号出现两种内容。',
    },
    first: { en: 'Compare both: `shuniu trace <number>`.', zh: '对比两者：`shuniu trace <编号>`。' },
    next: {
      en: 'Have the wrong document removed or reversed in the target by whoever made it, then resolve with the right one. Run `shuniu reconcile` for the month afterwards.',
      zh: '请制单人在目标系统中删除或冲销错误的单据，然后用正确的单据“解决”。之后对当月运行 `shuniu reconcile`。',
    },
  },
  {
    alert: 'ShuniuSourceBehind',
    expr: 'max by (connection) (shuniu_source_lag_seconds) > 900',
    for: '5m',
    severity: 'warning',
    summary: {
      en: '{{ $labels.connection }} may be {{ $value | humanizeDuration }} behind its source.',
      zh: '{{ $labels.connection }} 可能比来源落后 {{ $value | humanizeDuration }}。',
    },
    impact: {
      en: 'New approvals there are not seen, or not understood. Nothing is lost: they are found when it works again.',
      zh: '该处新的审批看不到或无法解读。不会丢失：恢复后会找回。',
    },
    first: {
      en: 'Check it: `shuniu connection check {{ $labels.connection }}`.',
      zh: '检查：`shuniu connection check {{ $labels.connection }}`。',
    },
    next: {
      en: 'The check names the missing permission and where it is granted. Is the check fine, the stream is down (`shuniu status`) or receipts wait for their turn at the vendor.',
      zh: '检查会指出缺少的权限及在何处授予。若检查正常，则是流连接断开（`shuniu status`），或接收记录在排队等待调用。',
    },
  },
  {
    alert: 'ShuniuBreakerOpen',
    expr: 'max by (connection) (shuniu_breaker_open) == 1',
    for: '10m',
    severity: 'warning',
    summary: {
      en: 'Calls to {{ $labels.connection }} are held back.',
      zh: '对 {{ $labels.connection }} 的调用已被熔断。',
    },
    impact: {
      en: 'The system fails or does not answer. Its documents wait and go out when it answers again.',
      zh: '该系统出错或没有应答。其单据在等待，恢复应答后发出。',
    },
    first: {
      en: 'Ask who runs that system whether it works; see the classes of failures on the dashboard of connections.',
      zh: '询问该系统的负责人是否正常；在“连接”仪表盘上查看失败类别。',
    },
    next: {
      en: 'Nothing has to be done in the hub: one call tries every 30 s, later every 5 min. `_other` stands for one of many small connections: `shuniu status` names it.',
      zh: '枢纽无需处理：每 30 秒（之后每 5 分钟）试探一次。`_other` 代表众多小连接之一：`shuniu status` 会指出是哪个。',
    },
  },
  {
    alert: 'ShuniuVendorFailing',
    expr: 'sum by (connection) (rate(shuniu_vendor_requests_total{class!="ok"}[10m])) / sum by (connection) (rate(shuniu_vendor_requests_total[10m])) > 0.2',
    for: '10m',
    severity: 'warning',
    summary: {
      en: '{{ $value | humanizePercentage }} of the calls to {{ $labels.connection }} fail.',
      zh: '对 {{ $labels.connection }} 的调用有 {{ $value | humanizePercentage }} 失败。',
    },
    impact: {
      en: 'Work there is slow: each failure is tried again by its class, and exhausted ones park.',
      zh: '该处处理变慢：失败按类别重试，用尽后转为待处理。',
    },
    first: {
      en: 'See which class it is on the dashboard of connections; then `shuniu connection check {{ $labels.connection }}`.',
      zh: '在“连接”仪表盘上查看是哪一类；然后 `shuniu connection check {{ $labels.connection }}`。',
    },
    next: {
      en: '`throttled`: lower the limits of the connection. `auth`: renew the secret. `transient`, `ambiguous`: the network or the system; `shuniu log level vendor debug` writes a line for each call.',
      zh: '`throttled`：调低该连接的限制。`auth`：更新密钥。`transient`、`ambiguous`：网络或该系统的问题；`shuniu log level vendor debug` 会为每次调用写一行日志。',
    },
  },
  {
    alert: 'ShuniuQuotaLow',
    expr: 'min by (connection) (shuniu_quota_remaining_ratio) < 0.1',
    for: '15m',
    severity: 'critical',
    summary: {
      en: '{{ $labels.connection }} has {{ $value | humanizePercentage }} of its monthly calls left.',
      zh: '{{ $labels.connection }} 本月调用额度只剩 {{ $value | humanizePercentage }}。',
    },
    impact: {
      en: 'At 0 nothing is read from or written to it until the month ends. Sweeps and notices already give way.',
      zh: '用尽后到月底之前无法读写。补查和通知已经让路。',
    },
    first: {
      en: 'See what uses them: `shuniu connection check {{ $labels.connection }}` prints the forecast line by line.',
      zh: '查看用在哪里：`shuniu connection check {{ $labels.connection }}` 会逐项列出预测。',
    },
    next: {
      en: 'Buy more calls from the vendor and raise `limits: perMonth`, or map fewer forms.',
      zh: '向厂商购买更多调用次数并调高 `limits: perMonth`，或减少映射的表单。',
    },
  },
  {
    alert: 'ShuniuQuotaWillNotLast',
    expr: 'max by (connection) (shuniu_quota_forecast_ratio) > 1',
    for: '6h',
    severity: 'warning',
    summary: {
      en: 'At this pace {{ $labels.connection }} needs {{ $value | humanizePercentage }} of its monthly calls.',
      zh: '按目前速度，{{ $labels.connection }} 本月将用到额度的 {{ $value | humanizePercentage }}。',
    },
    impact: {
      en: 'The calls will be used up before the month ends.',
      zh: '调用额度会在月底前用完。',
    },
    first: {
      en: 'See what uses them: `shuniu connection check {{ $labels.connection }}`.',
      zh: '查看用在哪里：`shuniu connection check {{ $labels.connection }}`。',
    },
    next: {
      en: 'Buy more calls while there is time, or map fewer forms. In the first days of a month the forecast is rough.',
      zh: '趁早购买更多调用次数，或减少映射的表单。月初几天的预测较粗略。',
    },
  },
  {
    alert: 'ShuniuConsumerLag',
    expr: 'sum by (group, topic) (shuniu_consumer_lag_records) > 10000',
    for: '10m',
    severity: 'warning',
    summary: {
      en: '{{ $labels.group }} is {{ $value }} records behind on {{ $labels.topic }}.',
      zh: '{{ $labels.group }} 在 {{ $labels.topic }} 上落后 {{ $value }} 条。',
    },
    impact: {
      en: 'Events are taken in late. A withdrawal among them comes later than it should.',
      zh: '事件接收滞后，其中的撤销也会晚到。',
    },
    first: {
      en: 'Compare with the queued runs and the commits on the dashboard of operations.',
      zh: '在“运行”仪表盘上与排队的运行、提交情况对照。',
    },
    next: {
      en: 'With 20,000 open runs the hub stops reading by itself: then a target is slow, see its connection. With few, the disk is slow or a reader has stopped: see the log.',
      zh: '未完成的运行达到 20,000 时枢纽会自行停止读取：是目标系统慢，请看其连接。若很少，则是磁盘慢或读取者已停止：请看日志。',
    },
  },
  {
    alert: 'ShuniuLogGap',
    expr: 'sum by (topic) (shuniu_log_gap_records) > 0',
    for: '1m',
    severity: 'critical',
    summary: {
      en: '{{ $value }} records of {{ $labels.topic }} were deleted before they were read.',
      zh: '{{ $labels.topic }} 有 {{ $value }} 条记录在读取之前已被删除。',
    },
    impact: {
      en: 'That partition stands still: going on by itself would mean to lose them without a word.',
      zh: '该分区已停止：自行继续意味着不声不响地丢失。',
    },
    first: {
      en: 'See which partitions: `GET /api/v1/topics/gaps`.',
      zh: '查看是哪些分区：`GET /api/v1/topics/gaps`。',
    },
    next: {
      en: 'Find out what they were (the sweeps of their source find approvals again; other producers must publish anew), lengthen the retention of the topic, then accept the gap: `shuniu topics accept-gap`.',
      zh: '查明它们是什么（来源的补查会重新找到审批；其他生产者须重新发布），延长主题的保留期，然后接受缺口：`shuniu topics accept-gap`。',
    },
  },
  {
    alert: 'ShuniuCommitsSlow',
    expr: 'histogram_quantile(0.99, sum by (le, instance) (rate(shuniu_commit_duration_seconds_bucket[10m]))) > 0.5',
    for: '10m',
    severity: 'warning',
    summary: {
      en: 'One commit in a hundred of {{ $labels.instance }} takes {{ $value | humanizeDuration }}.',
      zh: '{{ $labels.instance }} 百分之一的提交耗时 {{ $value | humanizeDuration }}。',
    },
    impact: {
      en: 'Every acknowledgement and every send waits for one: pushes are answered late, throughput falls.',
      zh: '每次应答和每次发送都要等待提交：推送应答变慢，吞吐下降。',
    },
    first: { en: 'Look at the disk of the data folder, or at the database.', zh: '检查数据目录所在磁盘，或数据库。' },
    next: {
      en: 'A backup, a snapshot or a neighbour on the same disk is the usual cause. The data folder wants a local disk of its own.',
      zh: '常见原因是同一磁盘上的备份、快照或其他程序。数据目录最好独占一块本地磁盘。',
    },
  },
  {
    alert: 'ShuniuLoopBlocked',
    expr: `nodejs_eventloop_lag_max_seconds{${job}} > 0.5`,
    for: '5m',
    severity: 'warning',
    summary: {
      en: 'The process {{ $labels.instance }} stands still for {{ $value | humanizeDuration }} at a time.',
      zh: '进程 {{ $labels.instance }} 每次停顿 {{ $value | humanizeDuration }}。',
    },
    impact: {
      en: 'Pushes are acknowledged late; a vendor may give up and push again.',
      zh: '推送应答变慢；厂商可能放弃并重推。',
    },
    first: { en: 'Look at the processor and the memory of the machine.', zh: '查看机器的处理器和内存。' },
    next: {
      en: 'Give it a processor of its own, or split the work: `docs/scale.md`. With free processors, report it with the log.',
      zh: '让它独占一个处理器，或拆分负载：`docs/scale.md`。若处理器空闲，请连同日志上报。',
    },
  },
  {
    alert: 'ShuniuResync',
    expr: 'max(shuniu_resync) == 1',
    for: '30m',
    severity: 'warning',
    summary: { en: 'The hub is in resync mode.', zh: '枢纽处于重新同步模式。' },
    impact: {
      en: 'Nothing is sent before its absence in the target was shown: safe, and slow.',
      zh: '在证明目标系统中不存在之前什么都不发送：安全，但慢。',
    },
    first: {
      en: 'Compare both sides: `shuniu reconcile` for each open month.',
      zh: '对每个未结月份运行 `shuniu reconcile`，核对两边。',
    },
    next: {
      en: 'When they agree: `shuniu resync close`. The mode began because the data was restored, or is new for an old project.',
      zh: '一致后：`shuniu resync close`。进入该模式是因为数据是恢复来的，或旧项目使用了新的数据目录。',
    },
  },
]
