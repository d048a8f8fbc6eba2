// Chinese of the sentences that declarations say in English only. A sentence that is missing here stops `npm run generate`.
const chinese = {
  required: '必填',
  // —— keys of hub.yaml
  'Name of the project.': '项目名。',
  'What people read.': '给人看的名称。',
  'Language of notices: zh (default) or en.': '通知的语言：zh（默认）或 en。',
  'Time zone of business dates.': '业务日期所用的时区。',
  'Who hears of it when something parks or stays in doubt: one of webhook, comment.':
    '有事项待处理或长时间存疑时通知谁：webhook 与 comment 二选一。',
  'Address that gets a POST; by reference when it holds a token.': '接收 POST 的地址；含令牌时请用引用书写。',
  'Connection that comments on the document itself.': '在单据上添加评论的连接。',
  'Where events are kept: embedded, or a Kafka cluster.': '事件存放在哪里：内置（embedded）或 Kafka 集群。',
  'Where receipts, runs and effects are kept: embedded, or a PostgreSQL database.':
    '接收记录、运行和动作存放在哪里：内置（embedded）或 PostgreSQL 数据库。',
  'Address of the database, by reference when it holds a password: `postgres://hub@db:5432/shuniu?sslmode=verify-full`.':
    '数据库地址，含密码时须用引用：`postgres://hub@db:5432/shuniu?sslmode=verify-full`。',
  'Schema that holds the tables; each installation has its own.': '存放数据表的 schema；每套部署各用一个。',
  'Connections to the database at most.': '数据库连接数上限。',
  'The cluster that holds the topics.': '存放主题的集群。',
  'Brokers to begin with, each `host:port`; one text may hold several, with commas between them.':
    '用于首次连接的 broker，格式为 `host:port`；一个文本可包含多个，以逗号分隔。',
  'The CA that signed the certificates of the brokers, in PEM, by reference: `${file:…}`.':
    '签发 broker 证书的 CA（PEM），以引用书写：`${file:…}`。',
  'Our own certificate, for mutual TLS, in PEM, by reference: `${file:…}`.':
    '本方证书（PEM），用于双向 TLS，以引用书写：`${file:…}`。',
  'Its private key, in PEM, by reference: `${file:…}`.': '对应的私钥（PEM），以引用书写：`${file:…}`。',
  'Encrypts, and checks the certificates of the brokers: by the CAs of the system (true) or by one of your own.':
    '加密连接并校验 broker 证书：使用系统 CA（true）或自有 CA。',
  'Name of the user.': '用户名。',
  'Password, by reference.': '密码，以引用书写。',
  'Login with SCRAM-SHA-512.': '使用 SCRAM-SHA-512 登录。',
  'Partitions of a new topic.': '新建主题的分区数。',
  'Brokers that keep a copy of each event; one where durability is single.':
    '每个事件的副本数；durability 为 single 时为一份。',
  'replicated (two copies before anything is acknowledged), or single: one broker, which then writes through to its disk.':
    'replicated：至少两份副本写入后才确认；single：单个 broker，逐条写入磁盘。',
  'How long events are kept, which is how far back replay reaches.': '事件保留时长，即重放可追溯的范围。',
  'Stands before the name of every topic and group, where installations share a cluster.':
    '多套部署共用集群时，加在每个主题和消费组名称之前。',
  'Data folder; a relative one starts at this file.': '数据目录；相对路径从本文件所在目录算起。',
  'Address to listen on.': '监听地址。',
  'Port of API, console and hooks.': 'API、控制台和回调的端口。',
  'A port that serves /hooks alone.': '只提供 /hooks 的端口。',
  'A port that serves probes and metrics alone, on every address and to anybody.':
    '只提供探针和指标的端口，监听全部地址，任何人可访问。',
  'Addresses or networks of the proxy that does TLS; nobody else from elsewhere is answered.':
    '负责 TLS 的前置代理的地址或网段；其余外部来源一律不应答。',
  'Limits of the hub itself.': '枢纽自身的限制。',
  'Receipts that wait to be understood before the door answers 503.': '等待解读的接收记录达到此数时，入口返回 503。',
  // —— keys of a connection
  'Name of the connection, the same as its file.': '连接名，与文件名相同。',
  'The connector that speaks the system: `dingtalk`.': '使用的连接器：`dingtalk`。',
  'Settings of the connector. Secrets by reference: `${env:NAME}`, `${file:path}`.':
    '连接器的设置。密钥只用引用书写：`${env:NAME}`、`${file:path}`。',
  'Older facts are skipped. Mandatory with `events`.': '更早的事实会被跳过。有 `events` 时必填。',
  'Which documents are which events.': '哪些单据变成哪些事件。',
  'A source of the connector: `approval`.': '连接器的来源：`approval`。',
  'Id of the form or type, as `discover` shows it.': '表单或类型的编号，由 `discover` 列出。',
  'Which documents of the form are meant.': '该表单中的哪些单据。',
  'The event that such a document is.': '这样的单据是什么事件。',
  'Its data.': '事件的数据。',
  'Changes of what operations declare.': '对操作声明的更改。',
  'How long an answer may take.': '应答最多等多久。',
  'After which time the target can no longer execute a call.': '过了多久目标系统一定不会再执行该调用。',
  'Look-ups that must agree that a document is absent, and the gap between them.':
    '需要几次查询一致认定单据不存在，以及两次查询的间隔。',
  'Why it is safe to be shorter than the connector says.': '为什么可以比连接器声明的更短。',
  "Limits of calls, instead of the connector's own.": '调用限制，代替连接器自己的。',
  'Calls under way at once.': '同时进行的调用数。',
  'Calls a second; 0 = no limit.': '每秒调用数；0 表示不限。',
  'Calls a calendar month; 0 = no limit.': '每自然月调用数；0 表示不限。',
  'true: the name of its address may lead into the company network. Numeric addresses need no permission.':
    'true：地址中的域名可以指向内网。直接写数字地址时不需要。',
  'The first name of a renamed connection: keeps its documents.': '连接改名之前的第一个名字：与原有单据保持关联。',
  'true: it is no renamed one.': 'true：这是新的，不是改名而来。',
  // —— keys of a flow
  'Name of the flow, the same as its file.': '流程名，与文件名相同。',
  'The event that starts it.': '触发流程的事件。',
  'Nothing older is ever posted. Mandatory.': '更早的单据永不记账。必填。',
  'Condition; an event that does not meet it is skipped.': '条件；不满足的事件会被跳过。',
  'What keeps events in order and documents apart; the key of the contract when left out.':
    '按什么排序、按什么区分单据；不写则用契约的键。',
  'Values with names, later ones may use earlier ones.': '带名称的值，后面的可以使用前面的。',
  'Steps, in order.': '步骤，按顺序执行。',
  'The first name of a renamed flow: keeps its documents.': '流程改名之前的第一个名字：与原有单据保持关联。',
  // —— keys of steps
  'Condition; when it does not hold, the run parks as "check-failed".':
    '条件；不成立时运行以 check-failed 转为待处理。',
  'What a person reads when the condition does not hold.': '条件不成立时给人看的话。',
  'The first branch whose condition holds is taken.': '执行第一个条件成立的分支。',
  'Condition of this branch.': '该分支的条件。',
  'Steps when no condition holds.': '所有条件都不成立时的步骤。',
  'A list and the name of its item: `event.lines as line`.': '列表及其元素的名称：`event.lines as line`。',
  'What tells one item from another, for ever: `line.id`. No two items may have the same.':
    '永久区分各元素的键：`line.id`。任意两个元素不能相同。',
  'Name of the step; the ledger knows the document by it, so it stays the same.':
    '步骤名；台账据此识别单据，因此不要更改。',
  'Connection and operation: `kingdee-main/voucher.save`.': '连接与操作：`kingdee-main/voucher.save`。',
  'Input of the operation.': '操作的输入。',
  'What happens when the approval is withdrawn.': '审批被撤销时怎么办。',
  'The event that takes the document back.': '撤回该单据的事件。',
  'The operation that undoes it: `kingdee-main/voucher.reverse`.': '用来冲销的操作：`kingdee-main/voucher.reverse`。',
  'auto: at once; park: a person says so first (default).': 'auto：立即冲销；park：先由人确认（默认）。',
  'An event once it is undone.': '冲销完成后发出的事件。',
  'Data of that event.': '该事件的数据。',
  'park (default): a person decides; continue: the flow goes on without it. For notices.':
    'park（默认）：由人决定；continue：跳过它继续执行，仅用于通知。',
  'The first name of a renamed step: keeps its documents.': '步骤改名之前的第一个名字：与原有单据保持关联。',
  'Type of the event.': '事件类型。',
  'Hands the run to a person.': '把运行交给人处理。',
  'What the person reads.': '给人看的话。',
  // —— metrics
  'Receipts by the state they reached.': '接收记录，按到达的状态。',
  'Receipts that are durable and not understood yet.': '已落盘但尚未解读的接收记录。',
  'Events appended to the event log.': '写入事件日志的事件。',
  'Amounts of the events appended, for dashboards: floating point, never for books.':
    '写入事件的金额，仅供仪表盘：浮点数，绝不用于记账。',
  'Runs that are not finished, by state.': '未结束的运行，按状态。',
  'Runs that ended, by outcome.': '已结束的运行，按结果。',
  'Effects by the state they reached.': '动作，按到达的状态。',
  'Effects nobody knows the outcome of yet.': '结果尚不明确的动作。',
  'What waits for a person, by reason.': '待人处理的事项，按原因。',
  'Age of the oldest event a flow has not finished.': '流程尚未处理完的最早事件已有多久。',
  'Time since the sources of a connection were last known to be complete.': '距离上次确认该连接来源完整已有多久。',
  'Part of the monthly calls that is left.': '本月剩余调用额度的比例。',
  'Part of the monthly calls that will be used at the end of the month at the pace so far; above 1 they will not last.':
    '按目前速度到月底将用掉的额度比例；大于 1 表示不够用。',
  'Calls to outside systems that are under way, and that wait for their turn.':
    '对外部系统正在进行的调用，以及排队等待的调用。',
  'Commits that went to disk together.': '一起落盘的提交数。',
  'Time a group of commits took to be durable.': '一批提交落盘所用的时间。',
  '1 while nothing is sent before its absence was shown.': '在证明不存在之前什么都不发送时为 1。',
  'What was accepted less what became of it, by stage. Always 0.': '收下的减去各去向之和，按阶段。恒为 0。',
  'Records of a topic that a group has not taken in yet.': '消费组尚未接收的记录数。',
  '1 while calls of a connection are held back.': '该连接的调用被熔断暂停时为 1。',
  'Calls to outside systems; class ok is an answer of any status.': '对外部系统的调用；ok 表示收到任意状态的应答。',
  'Duration of calls to outside systems.': '对外部系统调用的耗时。',
  'Time from a push to its acknowledgement.': '从收到推送到应答的时间。',
  'The version that runs; always 1.': '正在运行的版本；恒为 1。',
  // —— options of the process
  'Folder of the project.': '项目目录。',
  'Data folder; what hub.yaml says, else `.shuniu` in the project, when left out.':
    '数据目录；不写时用 hub.yaml 中的，再不然用项目下的 `.shuniu`。',
  'Port of API, console and hooks; 0 takes a free one.': 'API、控制台和回调的端口；0 表示任选空闲端口。',
  'A port that serves /livez, /readyz, /startupz and /metrics alone, on every address and to anybody.':
    '只提供 /livez、/readyz、/startupz 和 /metrics 的端口，监听全部地址，任何人可访问。',
  'PEM file of the certificate; it may change while the hub runs.': '证书的 PEM 文件，运行中可以更换。',
  'PEM file of its key.': '证书私钥的 PEM 文件。',
  'Token for administrators of the API; without any, here or by `token create`, only this machine may call it.':
    'API 的管理员令牌；此处和 `token create` 都没有令牌时，只有本机可以调用。',
  'Language of the command line: zh or en.': '命令行语言：zh 或 en。',
  'debug, info, warn or error.': 'debug、info、warn 或 error。',
  'What this process does of the hub: all, ingress or orchestrator. Several share a PostgreSQL.':
    '本进程承担的职责：all、ingress 或 orchestrator；多个进程须共用 PostgreSQL。',
  'Records of a topic that were deleted before they were read: its partition stands still until a person accepts that.':
    '某主题读取之前已被删除的记录数：其分区停止，直到人工接受。',
  'Nothing is sent before its absence is shown: after the data folder was restored.':
    '恢复数据目录之后使用：在证明单据不存在之前什么都不发送。',
}

/** The Chinese of a sentence; throws when there is none, so that both languages stay in step. */
export function inChinese(text) {
  if (Object.hasOwn(chinese, text)) return chinese[text]
  throw new Error(`No Chinese for ${JSON.stringify(text)}: add it to scripts/reference-zh.mjs`)
}
