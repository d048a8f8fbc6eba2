import { msgCode, Refusal } from './answers.ts'
import type { Outcome } from './answers.ts'
import { checkPeriod, checkVoucher } from './check.ts'
import type { Desk } from './desk.ts'
import type { Status } from './voucher.ts'

export type Move = 'Submit' | 'Audit' | 'UnAudit' | 'Delete'

/** Legal moves (kingdee.md §5). Own invention: MsgCode 12 and the texts of the others. */
const moves: Readonly<
  Record<Move, { readonly from: string; readonly to: Status | 'deleted'; readonly refusal: string }>
> = {
  Submit: { from: 'ZAD', to: 'B', refusal: '单据已提交，不能重复提交' },
  Audit: { from: 'B', to: 'C', refusal: '单据未提交，不能审核' },
  UnAudit: { from: 'C', to: 'D', refusal: '单据未审核，不能反审核' },
  Delete: { from: 'ZAD', to: 'deleted', refusal: '单据已提交或已审核，不能删除' },
}

/** Moves one voucher on, or throws the refusal. */
export function transition(desk: Desk, move: Move, id: number, user: string): Promise<Outcome> {
  const { vouchers } = desk
  const { from, to, refusal } = moves[move]
  return vouchers.locked(id, async () => {
    const voucher = vouchers.get(id)
    if (!voucher) throw new Refusal(msgCode.noData, `单据（${id}）不存在`)
    if (!from.includes(voucher.FDocumentStatus)) throw new Refusal(msgCode.wrongState, refusal, 'FDocumentStatus')
    if (move === 'UnAudit' || move === 'Delete') checkPeriod(voucher, desk)
    if (voucher.FDocumentStatus === 'Z' && move === 'Submit') checkVoucher({ ...voucher, year: '', period: '' }, desk)
    if (to === 'deleted') await vouchers.remove(voucher)
    else {
      const FCHECKERID = to === 'C' ? user : to === 'D' ? '' : voucher.FCHECKERID
      await vouchers.write({ ...voucher, FDocumentStatus: to, FCHECKERID, FModifyDate: desk.moment() })
    }
    return { Id: id, Number: String(voucher.FVOUCHERGROUPNO) }
  })
}
