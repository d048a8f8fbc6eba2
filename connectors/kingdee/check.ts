import type { Text } from '@shuniu/contracts'
import { CallFailure } from '@shuniu/infra/outbound'
import type { CheckFinding } from '@shuniu/sdk'
import { accountFields, accountForm, bookForm, recordFields, wordForm } from './basedata.ts'
import { failures } from './failures.ts'
import type { Kingdee } from './link.ts'
import { ask, voucherForm, type Row } from './query.ts'
import { ofBook, readVouchers } from './voucher-query.ts'

const text = (en: string, zh: string): Text => ({ en, zh })

/** Tries, reading only, what vouchers will need, and says in plain words what is missing and where to grant it. */
export async function check(link: Kingdee): Promise<readonly CheckFinding[]> {
  const { client } = link
  const logIn = await attempt(text('The credentials are accepted', '登录凭据有效'), () => client.renew())
  if (!logIn.ok) return [logIn]
  const books = await ask(client, { form: bookForm, fields: recordFields, filter: '' }).catch(() => [])
  const found: CheckFinding[] = [logIn, checkBooks(books)]
  for (const book of books) found.push(...(await checkBook(link, book['FNumber'] ?? '')))
  found.push(await checkReferenceField(link))
  for (const [form, fields] of [
    [wordForm, recordFields],
    [accountForm, accountFields],
  ] as const) {
    const what = text(`${form} can be read`, `可以读取 ${form}`)
    found.push(await attempt(what, () => ask(client, { form, fields, filter: '', top: 1 })))
  }
  return [...found, ...(await checkDimensionForms(link))]
}

/** Runs one try; a refusal becomes a finding with the table's help. */
async function attempt(what: Text, run: () => Promise<unknown>): Promise<CheckFinding> {
  try {
    await run()
    return { ok: true, what }
  } catch (failure) {
    if (!(failure instanceof CallFailure)) throw failure
    const help = Object.entries(failures).find(([name]) => failure.code === `kingdee.${name}`)?.[1].help
    const said = text(`${what.en}: no. ${failure.message}`, `${what.zh}：否。${failure.message}`)
    return help ? { ok: false, what: said, help } : { ok: false, what: said }
  }
}

const checkBooks = (books: readonly Row[]): CheckFinding => {
  const numbers = books.map((book) => book['FNumber']).join(', ')
  if (books.length > 0) return { ok: true, what: text(`Account books: ${numbers}`, `账簿：${numbers}`) }
  return {
    ok: false,
    what: text('No account book can be seen', '看不到任何账簿'),
    help: text('Grant 账簿 查看 to the integration user’s role.', '请给集成账号的角色授予“账簿 查看”权限。'),
  }
}

async function checkBook(link: Kingdee, book: string): Promise<CheckFinding[]> {
  const periods = await attempt(
    text(`The periods of book ${book} can be read`, `可以读取账簿 ${book} 的会计期间`),
    () => link.periods.readCalendar(book),
  )
  return [periods, await checkVouchers(link, book)]
}

/** Without a voucher in sight, a doubt about this book could never be settled. */
async function checkVouchers(link: Kingdee, book: string): Promise<CheckFinding> {
  const { help } = failures['nothing-visible']
  const what = text(`Vouchers of book ${book} can be seen`, `可以查看账簿 ${book} 的凭证`)
  let seen = 0
  const finding = await attempt(what, async () => {
    const [newest] = await ask(link.client, {
      form: voucherForm,
      fields: ['FVOUCHERID'],
      filter: ofBook(book),
      order: 'FVOUCHERID desc',
      top: 1,
    })
    if (newest) seen = (await readVouchers(link, `FVOUCHERID=${newest['FVOUCHERID']}`)).length
  })
  if (!finding.ok || seen > 0) return finding
  return { ok: false, what: text(`Book ${book} shows no voucher`, `账簿 ${book} 看不到凭证`), help }
}

async function checkReferenceField({ client }: Kingdee): Promise<CheckFinding> {
  const { referenceField } = client.settings
  const what = text(`Vouchers have the field ${referenceField}`, `凭证上有字段 ${referenceField}`)
  return attempt(what, () =>
    ask(client, { form: voucherForm, fields: ['FVOUCHERID', referenceField], filter: '', top: 1 }),
  )
}

/** The forms behind the slots that some account needs; a slot no account needs is of no matter. */
async function checkDimensionForms({ client }: Kingdee): Promise<CheckFinding[]> {
  const slot = 'FFlEXITEMPROPERTYID.FNumber'
  const rows = await ask(client, { form: accountForm, fields: ['FNumber', slot], filter: '' }).catch(() => [])
  const needed = [...new Set(rows.map((row) => row[slot] ?? ''))].filter((one) => one.trim() !== '')
  return Promise.all(
    needed.map((one) => {
      const form = client.settings.dimensionForms[one]
      const name = Object.entries(client.settings.dimensions).find(([, own]) => own === one)?.[0]
      if (name === undefined) return unnamed(one)
      if (!form) return { ok: true, what: text(`${name} (${one}): left to Kingdee`, `${name}（${one}）：由金蝶校验`) }
      const what = text(`${name} (${one}) is read from ${form}`, `${name}（${one}）读取自 ${form}`)
      return attempt(what, () => ask(client, { form, fields: recordFields, filter: '', top: 1 }))
    }),
  )
}

const unnamed = (slot: string): CheckFinding => ({
  ok: true,
  what: text(`Some accounts need ${slot}, which has no name here`, `部分科目需要 ${slot}，连接中未命名`),
  help: text('Add it to dimensions in the connection if flows use it.', '若流程需要，请在连接的 dimensions 中添加。'),
})
