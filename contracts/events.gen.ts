// Generated from events/*.avsc. Change those, then run `npm run generate`.

import type { Day, Decimal, Instant } from './values.ts'

/** The person who asked for the payment. */
export type Applicant = {
  /** Id of the person in the source. */
  readonly id: string
  /** Name of the person. */
  readonly name: string | null
}

/** A department of the source. */
export type Department = {
  /** Id of the department in the source. */
  readonly id: string
  /** Name of the department. */
  readonly name: string | null
}

/** Who gets the money: a company or a person. */
export type Payee = {
  /** Name of the account holder. */
  readonly name: string
  /** Bank account number. */
  readonly account: string | null
  /** Name of the bank and its branch. */
  readonly bank: string | null
}

/** One line of the payment. */
export type PaymentLine = {
  /** Kind of expense in the words of the form. */
  readonly category: string
  /** What it was for; empty when the form does not say. */
  readonly memo: string
  /** Amount of this line. */
  readonly amount: Decimal
  /** The business date on which the expense arose. */
  readonly date: Day | null
}

/** Where a document comes from. */
export type Source = {
  /** Name of the connection it came through. */
  readonly connection: string
  /** Name of the connector, for example dingtalk. */
  readonly system: string
  /** Id of the form in the source. */
  readonly form: string | null
}

/** A payment request was approved by everybody who had to. A change agreed later is the same approval with a higher revision. */
export type PaymentApproved = {
  /** Id of the approval in its source; the same through all later changes. */
  readonly approvalId: string
  /** 1, plus how often the approval was changed after it had been approved. */
  readonly revision: Decimal
  /** Number of the approval as people read it. */
  readonly approvalNo: string
  /** Title of the approval; many systems put the applicant's name into it. */
  readonly title: string | null
  /** When the last approver agreed. */
  readonly approvedAt: Instant
  /** When the applicant submitted it. */
  readonly submittedAt: Instant | null
  /** Who asked for the payment. */
  readonly applicant: Applicant | null
  /** The department that bears the cost. */
  readonly department: Department
  /** Who gets the money; null when the form does not ask. */
  readonly payee: Payee | null
  /** ISO 4217 code of every amount in this event, for example CNY. */
  readonly currency: string
  /** The total to be paid. */
  readonly amount: Decimal
  /** The business date by which it should be paid. */
  readonly dueDate: Day | null
  /** How many supporting papers the approval carries (invoices, contracts). */
  readonly attachments: Decimal | null
  /** What the total consists of, in the order of the form. */
  readonly lines: readonly PaymentLine[]
  /** Where the approval was made. */
  readonly source: Source | null
}

/** An approved payment was taken back in its source. It counts for every revision up to the one named. */
export type PaymentWithdrawn = {
  /** Id of the approval in its source; the same as in approval.payment.approved. */
  readonly approvalId: string
  /** The highest revision that is taken back. */
  readonly revision: Decimal
  /** Number of the approval as people read it. */
  readonly approvalNo: string | null
  /** When it was taken back. */
  readonly withdrawnAt: Instant | null
  /** Why, in the words of the person who did it. */
  readonly reason: string | null
}

/** A voucher stands in the accounting system and was confirmed there. */
export type VoucherCreated = {
  /** The key under which the flow works, for a payment the id of the approval. */
  readonly businessKey: string
  /** Revision of the document that caused the voucher. */
  readonly revision: Decimal
  /** Id of the approval, when one caused the voucher. */
  readonly approvalId: string | null
  /** Number of the approval as people read it. */
  readonly approvalNo: string | null
  /** Our reference, written into the document: SN and 26 characters. */
  readonly reference: string
  /** Name of the connection to the accounting system. */
  readonly connection: string
  /** Code of the account book. */
  readonly book: string
  /** Business date of the voucher. */
  readonly date: Day
  /** Accounting period as yyyy-MM. */
  readonly period: string
  /** Voucher word and number, once the system has given it. */
  readonly number: string | null
  /** Id of the voucher in the accounting system. */
  readonly documentId: string
  /** How far it is there: saved, submitted, audited or posted. Posting happens later, in the accounting system. */
  readonly status: string
  /** ISO 4217 code of the amount, for example CNY. */
  readonly currency: string
  /** Sum of the debit side. */
  readonly amount: Decimal
}

/** A voucher that was reversed. */
export type OriginalVoucher = {
  /** Id of the voucher in the accounting system. */
  readonly documentId: string
  /** Our reference in the voucher. */
  readonly reference: string | null
  /** Voucher word and number. */
  readonly number: string | null
  /** Business date of the voucher. */
  readonly date: Day | null
  /** Accounting period as yyyy-MM. */
  readonly period: string | null
}

/** A voucher was reversed by a second one with the same sides and negated amounts; nothing was deleted. */
export type VoucherReversed = {
  /** The key under which the flow works, for a payment the id of the approval. */
  readonly businessKey: string
  /** Revision of the document that caused the voucher. */
  readonly revision: Decimal
  /** Id of the approval, when one caused the voucher. */
  readonly approvalId: string | null
  /** Number of the approval as people read it. */
  readonly approvalNo: string | null
  /** Our reference, written into the document: SN and 26 characters. */
  readonly reference: string
  /** Name of the connection to the accounting system. */
  readonly connection: string
  /** Code of the account book. */
  readonly book: string
  /** Business date of the voucher. */
  readonly date: Day
  /** Accounting period as yyyy-MM. */
  readonly period: string
  /** Voucher word and number, once the system has given it. */
  readonly number: string | null
  /** Id of the voucher in the accounting system. */
  readonly documentId: string
  /** How far it is there: saved, submitted, audited or posted. Posting happens later, in the accounting system. */
  readonly status: string
  /** ISO 4217 code of the amount, for example CNY. */
  readonly currency: string
  /** Sum of the debit side of the reversing voucher: the original's, negated. */
  readonly amount: Decimal
  /** The voucher that was reversed. */
  readonly original: OriginalVoucher
  /** Why it was reversed. */
  readonly reason: string | null
}

/** The data of each event that comes with the hub. */
export type EventData = {
  readonly 'approval.payment.approved': PaymentApproved
  readonly 'approval.payment.withdrawn': PaymentWithdrawn
  readonly 'finance.voucher.created': VoucherCreated
  readonly 'finance.voucher.reversed': VoucherReversed
}

export type EventType = keyof EventData

/** The schemas as they are registered. */
export const eventSchemas: Readonly<Record<EventType, object>> = {
  'approval.payment.approved': {"type":"record","name":"PaymentApproved","namespace":"shuniu.approval","doc":"A payment request was approved by everybody who had to. A change agreed later is the same approval with a higher revision.","doc.zh":"付款申请已全部审批通过。通过后又同意的变更是同一审批的更高修订。","shuniu":{"owner":"approvals","key":"approvalId","revision":"revision","topic":"approval.payment.approved.v1","compatibility":"FULL_TRANSITIVE","visibility":"public"},"fields":[{"name":"approvalId","type":"string","doc":"Id of the approval in its source; the same through all later changes.","doc.zh":"审批在来源系统中的标识；后续变更不改变它。"},{"name":"revision","type":"int","doc":"1, plus how often the approval was changed after it had been approved.","doc.zh":"1 加上审批通过后被变更的次数。"},{"name":"approvalNo","type":"string","doc":"Number of the approval as people read it.","doc.zh":"审批编号，供人阅读。"},{"name":"title","type":["null","string"],"default":null,"doc":"Title of the approval; many systems put the applicant's name into it.","doc.zh":"审批标题；许多系统会把申请人姓名写入其中。","pii":"name"},{"name":"approvedAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When the last approver agreed.","doc.zh":"最后一位审批人同意的时间。"},{"name":"submittedAt","type":["null",{"type":"long","logicalType":"timestamp-millis"}],"default":null,"doc":"When the applicant submitted it.","doc.zh":"申请人提交的时间。"},{"name":"applicant","type":["null",{"type":"record","name":"Applicant","doc":"The person who asked for the payment.","doc.zh":"提出付款申请的人。","fields":[{"name":"id","type":"string","doc":"Id of the person in the source.","doc.zh":"此人在来源系统中的标识。"},{"name":"name","type":["null","string"],"default":null,"doc":"Name of the person.","doc.zh":"姓名。","pii":"name"}]}],"default":null,"doc":"Who asked for the payment.","doc.zh":"申请人。"},{"name":"department","type":{"type":"record","name":"Department","doc":"A department of the source.","doc.zh":"来源系统中的部门。","fields":[{"name":"id","type":"string","doc":"Id of the department in the source.","doc.zh":"部门在来源系统中的标识。"},{"name":"name","type":["null","string"],"default":null,"doc":"Name of the department.","doc.zh":"部门名称。"}]},"doc":"The department that bears the cost.","doc.zh":"承担费用的部门。"},{"name":"payee","type":["null",{"type":"record","name":"Payee","doc":"Who gets the money: a company or a person.","doc.zh":"收款方：单位或个人。","fields":[{"name":"name","type":"string","doc":"Name of the account holder.","doc.zh":"收款户名。","pii":"name"},{"name":"account","type":["null","string"],"default":null,"doc":"Bank account number.","doc.zh":"银行账号。","pii":"bank"},{"name":"bank","type":["null","string"],"default":null,"doc":"Name of the bank and its branch.","doc.zh":"开户行及支行。"}]}],"default":null,"doc":"Who gets the money; null when the form does not ask.","doc.zh":"收款方；表单未填写时为空。"},{"name":"currency","type":"string","doc":"ISO 4217 code of every amount in this event, for example CNY.","doc.zh":"本事件所有金额的 ISO 4217 币种代码，例如 CNY。"},{"name":"amount","type":{"type":"bytes","logicalType":"decimal","precision":20,"scale":4},"doc":"The total to be paid.","doc.zh":"付款总额。"},{"name":"dueDate","type":["null",{"type":"int","logicalType":"date"}],"default":null,"doc":"The business date by which it should be paid.","doc.zh":"应付款日期。"},{"name":"attachments","type":["null","int"],"default":null,"doc":"How many supporting papers the approval carries (invoices, contracts).","doc.zh":"审批所附单据张数（发票、合同等）。"},{"name":"lines","type":{"type":"array","items":{"type":"record","name":"PaymentLine","doc":"One line of the payment.","doc.zh":"付款明细行。","fields":[{"name":"category","type":"string","doc":"Kind of expense in the words of the form.","doc.zh":"费用类型，按表单原文。"},{"name":"memo","type":"string","default":"","doc":"What it was for; empty when the form does not say.","doc.zh":"用途说明；表单未填写时为空文本。"},{"name":"amount","type":{"type":"bytes","logicalType":"decimal","precision":20,"scale":4},"doc":"Amount of this line.","doc.zh":"本行金额。"},{"name":"date","type":["null",{"type":"int","logicalType":"date"}],"default":null,"doc":"The business date on which the expense arose.","doc.zh":"费用发生日期。"}]}},"doc":"What the total consists of, in the order of the form.","doc.zh":"付款明细，按表单顺序。"},{"name":"source","type":["null",{"type":"record","name":"Source","doc":"Where a document comes from.","doc.zh":"单据来源。","fields":[{"name":"connection","type":"string","doc":"Name of the connection it came through.","doc.zh":"所经连接的名称。"},{"name":"system","type":"string","doc":"Name of the connector, for example dingtalk.","doc.zh":"连接器名称，例如 dingtalk。"},{"name":"form","type":["null","string"],"default":null,"doc":"Id of the form in the source.","doc.zh":"来源系统中的表单标识。"}]}],"default":null,"doc":"Where the approval was made.","doc.zh":"审批的来源。"}]},
  'approval.payment.withdrawn': {"type":"record","name":"PaymentWithdrawn","namespace":"shuniu.approval","doc":"An approved payment was taken back in its source. It counts for every revision up to the one named.","doc.zh":"已通过的付款在来源系统中被撤销。对不高于所列修订的全部修订有效。","shuniu":{"owner":"approvals","key":"approvalId","revision":"revision","topic":"approval.payment.withdrawn.v1","compatibility":"FULL_TRANSITIVE","visibility":"public"},"fields":[{"name":"approvalId","type":"string","doc":"Id of the approval in its source; the same as in approval.payment.approved.","doc.zh":"审批在来源系统中的标识；与 approval.payment.approved 相同。"},{"name":"revision","type":"int","doc":"The highest revision that is taken back.","doc.zh":"被撤销的最高修订。"},{"name":"approvalNo","type":["null","string"],"default":null,"doc":"Number of the approval as people read it.","doc.zh":"审批编号，供人阅读。"},{"name":"withdrawnAt","type":["null",{"type":"long","logicalType":"timestamp-millis"}],"default":null,"doc":"When it was taken back.","doc.zh":"撤销的时间。"},{"name":"reason","type":["null","string"],"default":null,"doc":"Why, in the words of the person who did it.","doc.zh":"撤销原因，按操作人原文。"}]},
  'finance.voucher.created': {"type":"record","name":"VoucherCreated","namespace":"shuniu.finance","doc":"A voucher stands in the accounting system and was confirmed there.","doc.zh":"凭证已在财务系统中生成并得到确认。","shuniu":{"owner":"finance","key":"businessKey","revision":"revision","topic":"finance.voucher.created.v1","compatibility":"FULL_TRANSITIVE","visibility":"public"},"fields":[{"name":"businessKey","type":"string","doc":"The key under which the flow works, for a payment the id of the approval.","doc.zh":"流程的业务键；付款流程中为审批标识。"},{"name":"revision","type":"int","doc":"Revision of the document that caused the voucher.","doc.zh":"引发凭证的单据修订。"},{"name":"approvalId","type":["null","string"],"default":null,"doc":"Id of the approval, when one caused the voucher.","doc.zh":"引发凭证的审批标识（如有）。"},{"name":"approvalNo","type":["null","string"],"default":null,"doc":"Number of the approval as people read it.","doc.zh":"审批编号，供人阅读。"},{"name":"reference","type":"string","doc":"Our reference, written into the document: SN and 26 characters.","doc.zh":"写入单据的本系统参考号：SN 加 26 个字符。"},{"name":"connection","type":"string","doc":"Name of the connection to the accounting system.","doc.zh":"财务系统连接的名称。"},{"name":"book","type":"string","doc":"Code of the account book.","doc.zh":"账簿编码。"},{"name":"date","type":{"type":"int","logicalType":"date"},"doc":"Business date of the voucher.","doc.zh":"凭证日期。"},{"name":"period","type":"string","doc":"Accounting period as yyyy-MM.","doc.zh":"会计期间，格式 yyyy-MM。"},{"name":"number","type":["null","string"],"default":null,"doc":"Voucher word and number, once the system has given it.","doc.zh":"凭证字号；系统尚未编号时为空。"},{"name":"documentId","type":"string","doc":"Id of the voucher in the accounting system.","doc.zh":"凭证在财务系统中的标识。"},{"name":"status","type":"string","doc":"How far it is there: saved, submitted, audited or posted. Posting happens later, in the accounting system.","doc.zh":"凭证状态：saved 已保存、submitted 已提交、audited 已审核、posted 已过账。过账随后在财务系统中进行。"},{"name":"currency","type":"string","doc":"ISO 4217 code of the amount, for example CNY.","doc.zh":"金额的 ISO 4217 币种代码，例如 CNY。"},{"name":"amount","type":{"type":"bytes","logicalType":"decimal","precision":20,"scale":4},"doc":"Sum of the debit side.","doc.zh":"借方合计。"}]},
  'finance.voucher.reversed': {"type":"record","name":"VoucherReversed","namespace":"shuniu.finance","doc":"A voucher was reversed by a second one with the same sides and negated amounts; nothing was deleted.","doc.zh":"凭证已由一张同方向、金额取负的红字凭证冲销；未删除任何凭证。","shuniu":{"owner":"finance","key":"businessKey","revision":"revision","topic":"finance.voucher.reversed.v1","compatibility":"FULL_TRANSITIVE","visibility":"public"},"fields":[{"name":"businessKey","type":"string","doc":"The key under which the flow works, for a payment the id of the approval.","doc.zh":"流程的业务键；付款流程中为审批标识。"},{"name":"revision","type":"int","doc":"Revision of the document that caused the voucher.","doc.zh":"引发凭证的单据修订。"},{"name":"approvalId","type":["null","string"],"default":null,"doc":"Id of the approval, when one caused the voucher.","doc.zh":"引发凭证的审批标识（如有）。"},{"name":"approvalNo","type":["null","string"],"default":null,"doc":"Number of the approval as people read it.","doc.zh":"审批编号，供人阅读。"},{"name":"reference","type":"string","doc":"Our reference, written into the document: SN and 26 characters.","doc.zh":"写入单据的本系统参考号：SN 加 26 个字符。"},{"name":"connection","type":"string","doc":"Name of the connection to the accounting system.","doc.zh":"财务系统连接的名称。"},{"name":"book","type":"string","doc":"Code of the account book.","doc.zh":"账簿编码。"},{"name":"date","type":{"type":"int","logicalType":"date"},"doc":"Business date of the voucher.","doc.zh":"凭证日期。"},{"name":"period","type":"string","doc":"Accounting period as yyyy-MM.","doc.zh":"会计期间，格式 yyyy-MM。"},{"name":"number","type":["null","string"],"default":null,"doc":"Voucher word and number, once the system has given it.","doc.zh":"凭证字号；系统尚未编号时为空。"},{"name":"documentId","type":"string","doc":"Id of the voucher in the accounting system.","doc.zh":"凭证在财务系统中的标识。"},{"name":"status","type":"string","doc":"How far it is there: saved, submitted, audited or posted. Posting happens later, in the accounting system.","doc.zh":"凭证状态：saved 已保存、submitted 已提交、audited 已审核、posted 已过账。过账随后在财务系统中进行。"},{"name":"currency","type":"string","doc":"ISO 4217 code of the amount, for example CNY.","doc.zh":"金额的 ISO 4217 币种代码，例如 CNY。"},{"name":"amount","type":{"type":"bytes","logicalType":"decimal","precision":20,"scale":4},"doc":"Sum of the debit side of the reversing voucher: the original's, negated.","doc.zh":"冲销凭证的借方合计，即原凭证金额取负。"},{"name":"original","type":{"type":"record","name":"OriginalVoucher","doc":"A voucher that was reversed.","doc.zh":"被冲销的凭证。","fields":[{"name":"documentId","type":"string","doc":"Id of the voucher in the accounting system.","doc.zh":"凭证在财务系统中的标识。"},{"name":"reference","type":["null","string"],"default":null,"doc":"Our reference in the voucher.","doc.zh":"凭证上的本系统参考号。"},{"name":"number","type":["null","string"],"default":null,"doc":"Voucher word and number.","doc.zh":"凭证字号。"},{"name":"date","type":["null",{"type":"int","logicalType":"date"}],"default":null,"doc":"Business date of the voucher.","doc.zh":"凭证日期。"},{"name":"period","type":["null","string"],"default":null,"doc":"Accounting period as yyyy-MM.","doc.zh":"会计期间，格式 yyyy-MM。"}]},"doc":"The voucher that was reversed.","doc.zh":"被冲销的凭证。"},{"name":"reason","type":["null","string"],"default":null,"doc":"Why it was reversed.","doc.zh":"冲销原因。"}]},
}

