interface Definition {
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly name: string
  readonly help: string
  readonly labels: readonly string[]
  /** Upper bounds of a histogram. */
  readonly buckets?: readonly number[]
}

/** Every metric of the hub. Names are promised (design: being operated); labels are never documents, keys or persons. */
export const metricTable = {
  receipts: {
    type: 'counter',
    name: 'shuniu_receipts_total',
    help: 'Receipts by the state they reached.',
    labels: ['state'],
  },
  receiptsWaiting: {
    type: 'gauge',
    name: 'shuniu_receipts_waiting',
    help: 'Receipts that are durable and not understood yet.',
    labels: [],
  },
  events: { type: 'counter', name: 'shuniu_events_total', help: 'Events appended to the event log.', labels: ['type'] },
  eventAmount: {
    type: 'counter',
    name: 'shuniu_event_amount_total',
    help: 'Amounts of the events appended, for dashboards: floating point, never for books.',
    labels: ['type', 'currency'],
  },
  runs: { type: 'gauge', name: 'shuniu_runs', help: 'Runs that are not finished, by state.', labels: ['state'] },
  runsFinished: {
    type: 'counter',
    name: 'shuniu_runs_finished_total',
    help: 'Runs that ended, by outcome.',
    labels: ['outcome'],
  },
  effects: {
    type: 'counter',
    name: 'shuniu_effects_total',
    help: 'Effects by the state they reached.',
    labels: ['connection', 'operation', 'outcome'],
  },
  effectsInDoubt: {
    type: 'gauge',
    name: 'shuniu_effects_in_doubt',
    help: 'Effects nobody knows the outcome of yet.',
    labels: [],
  },
  parked: { type: 'gauge', name: 'shuniu_parked', help: 'What waits for a person, by reason.', labels: ['reason'] },
  oldestUnfinished: {
    type: 'gauge',
    name: 'shuniu_flow_oldest_unfinished_seconds',
    help: 'Age of the oldest event a flow has not finished.',
    labels: ['flow'],
  },
  sourceLag: {
    type: 'gauge',
    name: 'shuniu_source_lag_seconds',
    help: 'Time since the sources of a connection were last known to be complete.',
    labels: ['connection'],
  },
  quotaRemaining: {
    type: 'gauge',
    name: 'shuniu_quota_remaining_ratio',
    help: 'Part of the monthly calls that is left.',
    labels: ['connection'],
  },
  quotaForecast: {
    type: 'gauge',
    name: 'shuniu_quota_forecast_ratio',
    help: 'Part of the monthly calls that will be used at the end of the month at the pace so far; above 1 they will not last.',
    labels: ['connection'],
  },
  conservationGap: {
    type: 'gauge',
    name: 'shuniu_conservation_gap',
    help: 'What was accepted less what became of it, by stage. Always 0.',
    labels: ['stage'],
  },
  consumerLag: {
    type: 'gauge',
    name: 'shuniu_consumer_lag_records',
    help: 'Records of a topic that a group has not taken in yet.',
    labels: ['group', 'topic'],
  },
  logGap: {
    type: 'gauge',
    name: 'shuniu_log_gap_records',
    help: 'Records of a topic that were deleted before they were read: its partition stands still until a person accepts that.',
    labels: ['topic'],
  },
  breakerOpen: {
    type: 'gauge',
    name: 'shuniu_breaker_open',
    help: '1 while calls of a connection are held back.',
    labels: ['connection'],
  },
  vendorCalls: {
    type: 'gauge',
    name: 'shuniu_vendor_calls',
    help: 'Calls to outside systems that are under way, and that wait for their turn.',
    labels: ['connection', 'state'],
  },
  vendorRequests: {
    type: 'counter',
    name: 'shuniu_vendor_requests_total',
    help: 'Calls to outside systems; class ok is an answer of any status.',
    labels: ['connection', 'operation', 'class'],
  },
  vendorSeconds: {
    type: 'histogram',
    name: 'shuniu_vendor_request_duration_seconds',
    help: 'Duration of calls to outside systems.',
    labels: ['connection', 'operation'],
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
  },
  hookSeconds: {
    type: 'histogram',
    name: 'shuniu_hook_duration_seconds',
    help: 'Time from a push to its acknowledgement.',
    labels: ['connection'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 1.5, 3],
  },
  commitSize: {
    type: 'histogram',
    name: 'shuniu_commit_group_size',
    help: 'Commits that went to disk together.',
    labels: [],
    buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512],
  },
  commitSeconds: {
    type: 'histogram',
    name: 'shuniu_commit_duration_seconds',
    help: 'Time a group of commits took to be durable.',
    labels: [],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
  },
  resync: {
    type: 'gauge',
    name: 'shuniu_resync',
    help: '1 while nothing is sent before its absence was shown.',
    labels: [],
  },
  build: { type: 'gauge', name: 'shuniu_build_info', help: 'The version that runs; always 1.', labels: ['version'] },
} as const satisfies Record<string, Definition>

export type MetricTable = typeof metricTable
