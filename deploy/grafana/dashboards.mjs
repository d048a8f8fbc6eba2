// The dashboards, once: npm run generate makes the JSON files beside this one of it. Titles stand in both languages.

const source = { type: 'prometheus', uid: '${datasource}' }
const chosen = 'connection=~"$connection"'

/** Width of a row of panels, and the height of one, in Grafana's grid. */
const [columns, height] = [24, 8]

const panel = (title, { unit = 'short', kind = 'timeseries', width = 8, ...options }, ...queries) => ({
  title,
  unit,
  kind,
  width,
  queries,
  ...options,
})
const query = (expr, legend = '') => ({ expr, legend })
const stat = { kind: 'stat', width: 4 }

const business = [
  panel(
    'Posted in 24 h · 24 小时已记账',
    { ...stat },
    query('sum(increase(shuniu_effects_total{outcome="confirmed"}[24h]))'),
  ),
  panel(
    'Oldest unposted approval · 最早未入账审批',
    { ...stat, unit: 's', red: 3600 },
    query('max(shuniu_flow_oldest_unfinished_seconds)'),
  ),
  panel('Waits for a person · 待人工处理', { ...stat, red: 1 }, query('sum(shuniu_parked) or vector(0)')),
  panel('In doubt · 存疑', { ...stat, red: 1 }, query('sum(shuniu_effects_in_doubt)')),
  panel('Cannot be accounted for · 对不上', { ...stat, red: 1 }, query('sum(abs(shuniu_conservation_gap))')),
  panel('Runs open · 未完成的运行', { ...stat }, query('sum(shuniu_runs)')),
  panel(
    'Posted a minute · 每分钟记账',
    {},
    query(
      'sum by (connection, operation) (rate(shuniu_effects_total{outcome="confirmed"}[5m])) * 60',
      '{{connection}} {{operation}}',
    ),
  ),
  panel(
    'Amounts in 24 h · 24 小时金额',
    {},
    query('sum by (type, currency) (increase(shuniu_event_amount_total[24h]))', '{{type}} {{currency}}'),
  ),
  panel(
    'Oldest unposted approval by flow · 各流程最早未入账审批',
    { unit: 's' },
    query('max by (flow) (shuniu_flow_oldest_unfinished_seconds)', '{{flow}}'),
  ),
  panel('Parked by reason · 待处理（按原因）', {}, query('sum by (reason) (shuniu_parked)', '{{reason}}')),
  panel('In doubt · 存疑', {}, query('sum(shuniu_effects_in_doubt)', 'in doubt 存疑')),
  panel(
    'Runs ended an hour · 每小时结束的运行',
    {},
    query('sum by (outcome) (increase(shuniu_runs_finished_total[1h]))', '{{outcome}}'),
  ),
  panel(
    'Receipts an hour · 每小时接收记录',
    {},
    query('sum by (state) (increase(shuniu_receipts_total[1h]))', '{{state}}'),
  ),
  panel('Events an hour · 每小时事件', {}, query('sum by (type) (increase(shuniu_events_total[1h]))', '{{type}}')),
]

const operations = [
  panel('Processes · 进程', { ...stat }, query('count(shuniu_build_info)')),
  panel('Versions · 版本', { ...stat }, query('count by (version) (shuniu_build_info)', '{{version}}')),
  panel('Resync · 重新同步', { ...stat, red: 1 }, query('max(shuniu_resync)')),
  panel(
    'Cannot be accounted for · 对不上',
    { ...stat, red: 1 },
    query('sum by (stage) (abs(shuniu_conservation_gap))', '{{stage}}'),
  ),
  panel('Events a second · 每秒事件', { width: 8 }, query('sum by (type) (rate(shuniu_events_total[5m]))', '{{type}}')),
  panel(
    'Consumer lag · 消费滞后',
    {},
    query('sum by (group, topic) (shuniu_consumer_lag_records)', '{{group}} {{topic}}'),
  ),
  panel(
    'Source lag · 来源滞后',
    { unit: 's' },
    query('max by (connection) (shuniu_source_lag_seconds)', '{{connection}}'),
  ),
  panel(
    'Queues · 队列',
    {},
    query('sum by (state) (shuniu_runs)', 'runs 运行 {{state}}'),
    query('sum(shuniu_receipts_waiting)', 'receipts 接收记录'),
    query('sum(shuniu_vendor_calls{state="waiting"})', 'calls 调用'),
  ),
  panel(
    'Commits a second · 每秒提交',
    {},
    query('sum(rate(shuniu_commit_group_size_sum[5m]))', 'commits 提交'),
    query('sum(rate(shuniu_commit_group_size_count[5m]))', 'groups 批'),
  ),
  panel(
    'Commits that share one flush · 每批提交数',
    {},
    query('sum(rate(shuniu_commit_group_size_sum[5m])) / sum(rate(shuniu_commit_group_size_count[5m]))', 'mean 平均'),
  ),
  panel(
    'Time of a commit · 提交耗时',
    { unit: 's' },
    query('histogram_quantile(0.5, sum by (le) (rate(shuniu_commit_duration_seconds_bucket[5m])))', 'p50'),
    query('histogram_quantile(0.99, sum by (le) (rate(shuniu_commit_duration_seconds_bucket[5m])))', 'p99'),
  ),
  panel(
    'Push to acknowledgement · 推送到应答',
    { unit: 's' },
    query('histogram_quantile(0.99, sum by (le) (rate(shuniu_hook_duration_seconds_bucket[5m])))', 'p99'),
  ),
  panel(
    'Event loop delay · 事件循环延迟',
    { unit: 's' },
    query('nodejs_eventloop_lag_max_seconds', 'max 最大 {{instance}}'),
    query('nodejs_eventloop_lag_p99_seconds', 'p99 {{instance}}'),
  ),
  panel(
    'Memory · 内存',
    { unit: 'bytes' },
    query('process_resident_memory_bytes', 'resident 常驻 {{instance}}'),
    query('nodejs_heap_size_used_bytes', 'heap 堆 {{instance}}'),
  ),
  panel('Processor · 处理器', { unit: 'percentunit' }, query('rate(process_cpu_seconds_total[5m])', '{{instance}}')),
  panel(
    'Garbage collection · 垃圾回收',
    { unit: 'percentunit' },
    query('sum by (instance) (rate(nodejs_gc_duration_seconds_sum[5m]))', '{{instance}}'),
  ),
]

const connections = [
  panel(
    'Calls by class · 调用（按类别）',
    { unit: 'reqps', width: 12 },
    query(`sum by (connection, class) (rate(shuniu_vendor_requests_total{${chosen}}[5m]))`, '{{connection}} {{class}}'),
  ),
  panel(
    'Part that fails · 失败比例',
    { unit: 'percentunit', width: 12 },
    query(
      `1 - sum by (connection) (rate(shuniu_vendor_requests_total{${chosen},class="ok"}[5m])) / sum by (connection) (rate(shuniu_vendor_requests_total{${chosen}}[5m]))`,
      '{{connection}}',
    ),
  ),
  panel(
    'Latency · 延迟',
    { unit: 's', width: 12 },
    query(
      `histogram_quantile(0.5, sum by (le, connection) (rate(shuniu_vendor_request_duration_seconds_bucket{${chosen}}[5m])))`,
      'p50 {{connection}}',
    ),
    query(
      `histogram_quantile(0.99, sum by (le, connection) (rate(shuniu_vendor_request_duration_seconds_bucket{${chosen}}[5m])))`,
      'p99 {{connection}}',
    ),
  ),
  panel(
    'Mean latency by operation · 各操作平均延迟',
    { unit: 's', width: 12 },
    query(
      `sum by (connection, operation) (rate(shuniu_vendor_request_duration_seconds_sum{${chosen}}[5m])) / sum by (connection, operation) (rate(shuniu_vendor_request_duration_seconds_count{${chosen}}[5m]))`,
      '{{connection}} {{operation}}',
    ),
  ),
  panel(
    'Breaker open · 熔断',
    { red: 1 },
    query(`max by (connection) (shuniu_breaker_open{${chosen}})`, '{{connection}}'),
  ),
  panel(
    'Calls under way and waiting · 进行中与等待的调用',
    {},
    query(`sum by (connection, state) (shuniu_vendor_calls{${chosen}})`, '{{connection}} {{state}}'),
  ),
  panel(
    'Source lag · 来源滞后',
    { unit: 's' },
    query(`max by (connection) (shuniu_source_lag_seconds{${chosen}})`, '{{connection}}'),
  ),
  panel(
    'Quota left · 剩余额度',
    { unit: 'percentunit' },
    query(`min by (connection) (shuniu_quota_remaining_ratio{${chosen}})`, '{{connection}}'),
  ),
  panel(
    'Quota used at the end of the month · 月底预计用量',
    { unit: 'percentunit', red: 1 },
    query(`max by (connection) (shuniu_quota_forecast_ratio{${chosen}})`, '{{connection}}'),
  ),
  panel(
    'Effects by outcome, an hour · 每小时动作（按结果）',
    {},
    query(
      `sum by (connection, operation, outcome) (increase(shuniu_effects_total{${chosen}}[1h]))`,
      '{{connection}} {{operation}} {{outcome}}',
    ),
  ),
]

const boards = {
  business: { title: 'Shuniu: business · 枢纽：业务', panels: business },
  operations: { title: 'Shuniu: operations · 枢纽：运行', panels: operations },
  connections: { title: 'Shuniu: connections · 枢纽：连接', panels: connections, variables: [connectionVariable()] },
}

/** By the names of their files. */
export function dashboards() {
  return Object.fromEntries(Object.entries(boards).map(([name, board]) => [name, boardOf(name, board)]))
}

function boardOf(name, { title, panels, variables = [] }) {
  return {
    uid: `shuniu-${name}`,
    title,
    tags: ['shuniu'],
    schemaVersion: 39,
    editable: false,
    refresh: '30s',
    time: { from: 'now-6h', to: 'now' },
    templating: {
      list: [{ name: 'datasource', label: 'Prometheus', type: 'datasource', query: 'prometheus' }, ...variables],
    },
    panels: placed(panels),
  }
}

function connectionVariable() {
  return {
    name: 'connection',
    label: 'Connection · 连接',
    type: 'query',
    datasource: source,
    query: 'label_values(shuniu_vendor_calls, connection)',
    refresh: 2,
    includeAll: true,
    multi: true,
    allValue: '.*',
    current: { text: 'All', value: '$__all' },
  }
}

/** From left to right, row by row. */
function placed(panels) {
  let [x, y] = [0, 0]
  return panels.map((one, at) => {
    if (x + one.width > columns) [x, y] = [0, y + height]
    const gridPos = { x, y, w: one.width, h: height }
    x += one.width
    return panelOf(one, at + 1, gridPos)
  })
}

function panelOf({ title, unit, kind, queries, red }, id, gridPos) {
  const steps = [{ color: 'green', value: null }, ...(red === undefined ? [] : [{ color: 'red', value: red }])]
  return {
    id,
    type: kind,
    title,
    gridPos,
    datasource: source,
    fieldConfig: { defaults: { unit, min: 0, thresholds: { mode: 'absolute', steps } }, overrides: [] },
    targets: queries.map(({ expr, legend }, at) => ({
      refId: String.fromCodePoint(65 + at),
      datasource: source,
      expr,
      legendFormat: legend,
    })),
  }
}
