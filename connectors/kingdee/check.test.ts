import { describe, expect, it } from 'vitest'
import { check } from './check.ts'
import { discover } from './discover.ts'
import { openKingdeeScene } from './test-scene.ts'

const complaints = async (more: object): Promise<string[]> => {
  await using scene = await openKingdeeScene(more)
  return (await check(scene.hub.link)).filter((one) => !one.ok).map((one) => one.what.en)
}

describe('check', () => {
  it('a field for our reference that the voucher does not have is named before the first voucher', async () => {
    const found = await complaints({ referenceField: 'F_HUB_Missing' })
    expect(found.join('\n')).toContain(
      'Vouchers have the field F_HUB_Missing: no. 元数据中标识为F_HUB_Missing的字段不存在',
    )
  })

  it('a period query that does not fit this version is named', async () => {
    const periodQuery = { form: 'BD_Missing', filter: '', fields: { year: 'FYEAR', period: 'FPERIOD' } }
    expect((await complaints({ periodQuery })).join('\n')).toContain('The periods of book 001 can be read: no.')
  })

  it('a user who sees no voucher could never settle a doubt', async () => {
    expect(await complaints({ userName: 'hub_blind' })).toEqual(['Book 001 shows no voucher'])
  })

  it('a user nobody knows is told so, and nothing else is tried', async () => {
    expect(await complaints({ userName: 'nobody' })).toEqual([
      'The credentials are accepted: no. 会话信息已丢失，请重新登录',
    ])
  })

  it('a slot some account needs and nobody named is shown, without alarm', async () => {
    await using scene = await openKingdeeScene({ dimensions: {} })
    const shown = (await check(scene.hub.link)).find((one) => one.what.en.includes('FF100005'))
    expect(shown).toMatchObject({ ok: true, help: { en: expect.stringContaining('dimensions') } })
  })
})

describe('discover', () => {
  it('lists accounts with their dimensions by name, and the records behind the dimensions', async () => {
    await using scene = await openKingdeeScene()
    const { lists } = await discover(scene.hub.link)
    expect(lists['account']).toContainEqual({
      number: '6601.04',
      name: '渠道推广费',
      leaf: 'yes',
      usable: 'yes',
      dimensions: 'department expenseItem',
    })
    expect(lists['department']).toContainEqual({ number: 'D06', name: '筹备部', usable: 'no' })
    expect(lists['word']).toContainEqual({ number: 'PRE001', name: '记', usable: 'yes' })
  })
})
