import { describe, expect, it } from 'vitest'
import { openKingdeeScene, payment, prepared } from './test-scene.ts'

describe('submitting and auditing', () => {
  it('save, submit, audit are three effects, and each says what stands afterwards', async () => {
    await using scene = await openKingdeeScene()
    const { output } = await scene.hub.perform('voucher.save', payment())
    const id = String(output['id'])
    const submitted = await scene.hub.perform('voucher.submit', { id })
    const audited = await scene.hub.perform('voucher.audit', { id })
    expect([output, submitted.output, audited.output].map((one) => one['status'])).toEqual(['A', 'B', 'C'])
    expect(audited.output).toEqual({ ...output, status: 'C' })
  })

  it('what the document has reached already is done', async () => {
    await using scene = await openKingdeeScene()
    const { output } = await scene.hub.perform('voucher.save', payment())
    const id = String(output['id'])
    await scene.hub.perform('voucher.submit', { id })
    expect(await prepared(scene, 'voucher.submit', { id })).toMatchObject({ is: 'done', output: { status: 'B' } })
    await scene.stand.act('audit-voucher', { id })
    for (const operation of ['voucher.submit', 'voucher.audit'])
      expect(await prepared(scene, operation, { id })).toMatchObject({ is: 'done', output: { status: 'C' } })
  })

  it('a voucher that was not submitted, was sent back or is gone waits for a person', async () => {
    await using scene = await openKingdeeScene()
    const { output } = await scene.hub.perform('voucher.save', payment())
    const id = String(output['id'])
    expect(await prepared(scene, 'voucher.audit', { id })).toMatchObject({ is: 'park', finding: { reason: 'human' } })
    await scene.stand.act('audit-voucher', { id })
    await scene.hub.link.client.post(
      'UnAudit',
      { formid: 'GL_VOUCHER', data: { Ids: id } },
      { operation: 'voucher.unaudit' },
    )
    for (const operation of ['voucher.submit', 'voucher.audit'])
      expect(await prepared(scene, operation, { id })).toMatchObject({ is: 'park', finding: { reason: 'human' } })
    await scene.stand.act('delete-voucher', { id })
    const gone = { is: 'park', finding: { reason: 'deleted-in-target' } }
    expect(await prepared(scene, 'voucher.submit', { id })).toMatchObject(gone)
  })

  it('in doubt and sent back meanwhile: found, not equal, so nobody submits it again', async () => {
    await using scene = await openKingdeeScene()
    const { output } = await scene.hub.perform('voucher.save', payment())
    const id = String(output['id'])
    const ready = await scene.hub.prepare('voucher.submit', { id })
    await scene.hub.send(ready)
    await scene.stand.act('audit-voucher', { id })
    await scene.hub.link.client.post(
      'UnAudit',
      { formid: 'GL_VOUCHER', data: { Ids: id } },
      { operation: 'voucher.unaudit' },
    )
    const { found } = await scene.hub.find(ready)
    const { fingerprint, fingerprintFound } = scene.hub.operation('voucher.submit')
    expect(found.map((one) => fingerprintFound?.(one))).toEqual([`D ${id}`])
    expect(fingerprint(ready.body)).toBe(`B ${id}`)
  })

  it('an editor’s lock is a reason to come back, not a refusal', async () => {
    await using scene = await openKingdeeScene()
    const { output } = await scene.hub.perform('voucher.save', payment())
    const id = String(output['id'])
    const ready = await scene.hub.prepare('voucher.submit', { id })
    await scene.stand.act('hold-voucher', { id })
    await expect(scene.hub.send(ready)).rejects.toMatchObject({ failureClass: 'transient', code: 'kingdee.edit-lock' })
    await scene.stand.act('release-voucher', { id })
    await scene.hub.send(ready)
  })
})
