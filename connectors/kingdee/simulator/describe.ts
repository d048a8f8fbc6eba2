import { accounts } from './accounts.ts'
import type { Catalogue } from './catalogue.ts'
import type { Desk } from './desk.ts'
import {
  accountBooks,
  currencies,
  departments,
  dimensions,
  expenseItems,
  organisations,
  rateTypes,
  referenceField,
  suppliers,
  tenant,
  users,
  voucherWords,
} from './tenant.ts'

/** What this simulator made up, because the facts do not settle it (kingdee.md §12, §13). */
const inventions = [
  'texts and MsgCode 11: 凭证借贷不平衡, 凭证日期所在期间已结账, year or period not that of the date, amounts finer than a fen',
  'MsgCode 10: View, update or operation on a voucher that does not exist; MsgCode 12: operation in the wrong state',
  'ids start at 100000, entry ids at 200000; a sent FVOUCHERGROUPNO or FBillNo is ignored, the server numbers',
  'the period query: form BD_ACCOUNTCALENDAR with FAccountBookID.FNumber, FYEAR, FPERIOD, FSTARTDATE, FENDDATE, FISCLOSED',
  'FilterString only as text; base data is read only; documents of other forms do not exist (MsgCode 4)',
]

/** What `GET /_sim` shows: everything a connection needs, and what is in the books. */
export function describeTenant(
  url: string,
  forms: Catalogue,
  { periods, isForbidden }: Desk,
  quota: number | undefined,
): object {
  const [user] = users
  const { acctId, appId, appSecret, lcid, orgNum } = tenant
  const credentials = {
    acctId,
    userName: user?.name,
    password: user?.password,
    appId,
    appSecret,
    lcid: Number(lcid),
    orgNum,
  }
  return {
    system: '金蝶云星空 Kingdee Cloud Galaxy',
    serverUrl: `${url}/k3cloud/`,
    credentials: { serverUrl: `${url}/k3cloud/`, ...credentials },
    users,
    referenceField,
    quota: quota ?? null,
    organisations,
    books: accountBooks.map((book) => ({ ...book, periods: periods.list(book.number) })),
    periodQuery: {
      invention: true,
      FormId: 'BD_ACCOUNTCALENDAR',
      FieldKeys: 'FISCLOSED',
      FilterString: "FAccountBookID.FNumber='001' and FYEAR=2026 and FPERIOD=1",
    },
    accounts: accounts.map((account) => ({ ...account, forbidden: isForbidden(account.number) })),
    departments,
    suppliers,
    expenseItems,
    currencies,
    rateTypes,
    voucherWords,
    dimensions,
    forms: [...forms.values()].map(({ id, title, fields }) => ({ id, title, fields })),
    inventions,
  }
}
