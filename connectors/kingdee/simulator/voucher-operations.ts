import type { TakenFault } from '@shuniu/sdk/simulator'
import { msgCode, noPermission, Refusal, responseStatus, ServerException } from './answers.ts'
import type { Outcome } from './answers.ts'
import type { Call } from './call.ts'
import type { Desk } from './desk.ts'
import { isObject, member, textOf } from './json.ts'
import type { Json, JsonObject } from './json.ts'
import { saveOne } from './save.ts'
import type { Saved } from './save.ts'
import type { User } from './tenant.ts'
import { transition } from './transitions.ts'
import type { Move } from './transitions.ts'
import { voucherView } from './view.ts'

interface VoucherWork {
  readonly call: Call
  readonly user: User
  readonly desk: Desk
  readonly fault?: TakenFault
}

/** Save, Draft, BatchSave, View, Submit, Audit, UnAudit and Delete of GL_VOUCHER. */
export async function voucherOperation(work: VoucherWork, data: JsonObject): Promise<unknown> {
  const { call, desk, user } = work
  switch (call.method) {
    case 'Save':
    case 'Draft': {
      const { outcome, returned } = await saveOne(
        desk,
        modelOf(member(data, 'Model')),
        data,
        user.title,
        draftOrSaved(call),
      )
      return { Result: { ResponseStatus: responseStatus([outcome]), ...outcome, NeedReturnData: [returned] } }
    }
    case 'BatchSave':
      return saveMany(work, data)
    case 'View':
      return { Result: { ResponseStatus: null, Result: voucherView(viewed(desk, data)) } }
    case 'Submit':
    case 'Audit':
    case 'UnAudit':
    case 'Delete':
      return moveMany(work, call.method, data)
    default:
      throw noPermission()
  }
}

const draftOrSaved = (call: Call) => (call.method === 'Draft' ? 'Z' : 'A')

function modelOf(model: Json | undefined): JsonObject {
  if (!isObject(model)) throw new ServerException('未将对象引用设置到对象的实例。')
  return model
}

/** Records are saved one by one; each is done or refused on its own (sample 24). */
async function saveMany({ desk, user, fault }: VoucherWork, data: JsonObject): Promise<unknown> {
  const models = member(data, 'Model')
  if (!Array.isArray(models)) throw new ServerException('未将对象引用设置到对象的实例。')
  const results = await eachRecord(models, fault, (model) => saveOne(desk, modelOf(model), data, user.title, 'A'))
  const outcomes = results.map((one) => (one instanceof Refusal ? one : one.outcome))
  const saved = results.filter((one): one is Saved => !(one instanceof Refusal))
  const all = saved.length === results.length ? { NeedReturnData: saved.map((one) => one.returned) } : {}
  return { Result: { ResponseStatus: responseStatus(outcomes), ...all } }
}

async function moveMany({ desk, user, fault }: VoucherWork, move: Move, data: JsonObject): Promise<unknown> {
  const ids = idsOf(member(data, 'Ids'))
  // Own invention: the text. Numbers are no address for vouchers, they repeat every month (kingdee.md §4.2).
  if (ids.length === 0) throw new Refusal(msgCode.parameter, 'data 数据包中的参数 Ids 的值不能为空')
  const outcomes = await eachRecord<number, Outcome>(ids, fault, (id) => transition(desk, move, id, user.title))
  return { Result: { ResponseStatus: responseStatus(outcomes) } }
}

/** `"1,2"`, a number or a list. */
const idsOf = (ids: Json | undefined): number[] =>
  (Array.isArray(ids) ? ids.map(textOf) : textOf(ids).split(','))
    .map((id) => id.trim())
    .filter((id) => id !== '')
    .map((id) => (/^\d{1,15}$/.test(id) ? Number(id) : 0))

/** All at once, in order; a partial batch does only its first half. */
function eachRecord<Item, Result>(
  items: readonly Item[],
  fault: TakenFault | undefined,
  work: (item: Item) => Promise<Result>,
): Promise<(Result | Refusal)[]> {
  const done = fault?.fault === 'partial-batch' ? Math.ceil(items.length / 2) : items.length
  return Promise.all(
    items.map(async (item, index) => {
      try {
        // Own invention: the text.
        if (index >= done) throw new Refusal(msgCode.databaseFailed, '数据库操作失败，请重试')
        return await work(item)
      } catch (error) {
        if (error instanceof Refusal) return error
        throw error
      }
    }),
  )
}

function viewed(desk: Desk, data: JsonObject) {
  const voucher = desk.vouchers.get(Number(textOf(member(data, 'Id')) || 0))
  // Own invention: code and text of a View that finds nothing (kingdee.md §12).
  if (!voucher) throw new Refusal(msgCode.noData, '单据不存在')
  return voucher
}
