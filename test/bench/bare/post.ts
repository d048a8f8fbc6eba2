/** The bare program, second half: reads an approval, maps it, saves the voucher; nothing stored. */
import { createHmac, createSecretKey, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Pool } from 'undici'

interface Cell {
  readonly name: string
  readonly label?: string
  readonly value: string
  readonly extValue?: string
}

const save = '/k3cloud/Kingdee.BOS.WebApi.ServicesStub.DynamicFormService.Save.common.kdsvc'
const fen = (text: string): bigint => BigInt(text.replace('.', ''))
const number = (FNumber: string): object => ({ FNumber })

function table(folder: string, name: string): Map<string, string> {
  const lines = readFileSync(`${folder}/${name}.csv`, 'utf8').trim().split('\n').slice(1)
  return new Map(lines.map((line) => [line.split(',')[0] ?? '', line.split(',')[1] ?? '']))
}

function entry(summary: string, account: string, debit: string | 0, credit: string | 0, department: string): object {
  return {
    FEntryID: 0,
    FEXPLANATION: summary,
    FACCOUNTID: number(account),
    FDetailID: debit === 0 ? {} : { FDETAILID__FFLEX5: number(department) },
    FCURRENCYID: number('PRE001'),
    FEXCHANGERATETYPE: number('HLTX01_SYS'),
    FEXCHANGERATE: 1,
    FAMOUNTFOR: debit || credit,
    FDEBIT: debit,
    FCREDIT: credit,
  }
}

export function openPost(target: string, tables: string): (id: string) => Promise<void> {
  const pool = new Pool(target, { connections: 128, pipelining: 1 })
  const departments = table(tables, 'department')
  const accounts = table(tables, 'expense-account')
  const key = createSecretKey(Buffer.from('a-secret'))

  async function call(method: 'GET' | 'POST', path: string, headers: Record<string, string>, body: string | null) {
    const answer = await pool.request({ method, path, headers, body })
    return (await answer.body.json()) as { result: Record<string, unknown> }
  }

  return async (id) => {
    const read = `/v1.0/workflow/processInstances?processInstanceId=${encodeURIComponent(id)}`
    const { result } = await call('GET', read, { 'x-acs-dingtalk-access-token': 'a-token' }, null)
    const cells = new Map((result['formComponentValues'] as Cell[]).map((cell) => [cell.name, cell]))
    const rows = JSON.parse(cells.get('费用明细')?.value ?? '[]') as { rowValue: Cell[] }[]
    const lines = rows.map(({ rowValue }) => new Map(rowValue.map((cell) => [cell.label, cell.value])))
    const total = cells.get('付款总额（元）')?.value ?? '0'
    const [owner] = JSON.parse(cells.get('费用承担部门')?.extValue ?? '[]') as { itemId: string }[]
    const department = departments.get(owner?.itemId ?? '')
    const sum = lines.reduce((all, line) => all + fen(line.get('金额（元）') ?? '0'), 0n)
    if (sum !== fen(total) || department === undefined) throw new Error(`${id} cannot be posted`)
    const title = `付款 ${String(result['businessId'])}`
    const debits = lines.map((line) => {
      const account = accounts.get(line.get('费用类型') ?? '') ?? ''
      return entry(`${title} ${line.get('摘要')}`, account, line.get('金额（元）') ?? '0', 0, department)
    })
    const FEntity = [...debits, entry(title, '1002.01', 0, total, department)]
    const FDate = String(result['finishTime']).slice(0, 10)
    const Model = { FVOUCHERID: 0, FAccountBookID: number('001'), FDate, F_HUB_SourceId: `BARE-${id}`, FEntity }
    const nonce = randomBytes(8).toString('hex')
    const text = `POST\n${encodeURIComponent(save)}\n\nx-api-nonce:${nonce}\nx-api-timestamp:${Date.now()}\n`
    const signature = createHmac('sha256', key).update(text).digest('base64')
    const headers = { 'content-type': 'application/json', 'x-api-nonce': nonce, 'x-api-signature': signature }
    await call('POST', save, headers, JSON.stringify({ formid: 'GL_VOUCHER', data: { Model } }))
  }
}
