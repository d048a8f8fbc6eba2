import { describe, expect, test } from 'vitest'
import ids from '../facts/api-instance-ids-query.json' with { type: 'json' }
import comment from '../facts/api-process-instance-comment.json' with { type: 'json' }
import completed from '../facts/api-process-instance-completed.json' with { type: 'json' }
import create from '../facts/api-process-instance-create.json' with { type: 'json' }
import running from '../facts/api-process-instance-running.json' with { type: 'json' }
import terminated from '../facts/api-process-instance-terminated.json' with { type: 'json' }
import old from '../facts/api-processinstance-get-old.json' with { type: 'json' }
import schema from '../facts/api-form-schema.json' with { type: 'json' }
import execute from '../facts/api-task-execute.json' with { type: 'json' }
import { drive } from './driver.ts'

const EXPENSE = 'PROC-5C8E2B7A-41D9-4F60-9A3B-7E1D0C52F846'
const SAMPLE = 'kT3xQmZ7R0-Lw5yPd9Vf2A05121767576001'
const detailPath = (id: string): string => `/v1.0/workflow/processInstances?processInstanceId=${id}`
const load = (sample: typeof completed | typeof running | typeof terminated, id: string) => ({
  id,
  processCode: EXPENSE,
  instance: sample.response.body.result,
})

const rows = (values: readonly { name: string; value: string }[]): unknown[] =>
  JSON.parse(values.find(({ name }) => name === '费用明细')?.value ?? '[]')

describe('a loaded sample', () => {
  test.each([completed, running, terminated])('is answered exactly as it was seen: %#', async (sample) => {
    await using sim = await drive()
    await sim.act('load', { processCode: EXPENSE, instance: sample.response.body.result })
    const { pathname, search } = new URL(sample.request.url)
    const { status, body } = await sim.call('GET', pathname + search)
    expect(status).toBe(200)
    expect(body).toEqual(sample.response.body)
  })

  test('is answered by the old call with its names, local times and text task ids', async () => {
    await using sim = await drive()
    await sim.act('load', load(completed, SAMPLE))
    const { body } = await sim.call('POST', '/topapi/processinstance/get', old.request.body)
    const { operation_records, tasks, finish_time, ...same } = old.response.body.process_instance
    const [, task] = tasks
    expect(finish_time.slice(0, 16)).toBe('2026-01-05 11:30')
    expect(body).toMatchObject({
      errcode: 0,
      process_instance: {
        ...same,
        finish_time: '2026-01-05 11:30:00',
        operation_records: expect.arrayContaining([{ ...operation_records[0], date: '2026-01-05 09:20:00' }]),
        tasks: expect.arrayContaining([
          { ...task, create_time: '2026-01-05 10:43:00', finish_time: '2026-01-05 11:30:00' },
        ]),
      },
    })
  })
})

test('a new instance by the API reads like the sample it was written as', async () => {
  await using sim = await drive()
  const { body } = await sim.call('POST', '/v1.0/workflow/processInstances', create.request.body)
  expect(body).toEqual({ instanceId: expect.stringMatching(/^[\w-]{26}\d{10}$/) })
  const { id } = await sim.act('agree', { id: (body as { instanceId: string }).instanceId })
  const read = await sim.call('GET', detailPath(id))
  const sample = completed.response.body.result.formComponentValues
  const known = ['DDMultiSelectField', 'DDAttachment', 'TableField']
  const differing = ['收款人开户行', '收款账号']
  expect(read.body).toMatchObject({
    success: true,
    result: {
      status: 'COMPLETED',
      result: 'agree',
      bizAction: 'NONE',
      businessId: expect.stringMatching(/^20\d{19}$/),
      createTime: expect.stringMatching(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}Z$/),
      formComponentValues: sample.map((value) => {
        if (differing.includes(value.name)) return { ...value, value: 'null' }
        return known.includes(value.componentType) ? { id: value.id, name: value.name } : value
      }),
    },
  })
  const got = (read.body as typeof completed.response.body).result.formComponentValues
  expect(rows(got)).toEqual(
    rows(sample).map((row) => ({
      ...Object(row),
      rowNumber: expect.stringMatching(/^TableField_1H6KJ2B9WQ80_\w{12}$/),
    })),
  )
})

test('the expense form has every component of the sample schema and of the sample instance', async () => {
  await using sim = await drive()
  const { body } = await sim.call('GET', `/v1.0/workflow/forms/schemas/processCodes?processCode=${EXPENSE}`)
  const { schemaContent, ...rest } = schema.response.body.result
  const { result } = body as { result: { schemaContent: { items: { componentName: string; props: object }[] } } }
  expect(result).toMatchObject(rest)
  expect(result.schemaContent.items).toEqual(expect.arrayContaining(schemaContent.items))
  const ofInstance = completed.response.body.result.formComponentValues
  expect(result.schemaContent.items.map(({ componentName, props }) => [componentName, props])).toEqual(
    ofInstance.map(({ componentType, id, name }) => [componentType, expect.objectContaining({ id, label: name })]),
  )
})

test('a form code is found by name, and another name is a process.error', async () => {
  await using sim = await drive()
  const path = '/v1.0/workflow/processCentres/schemaNames/processCodes?name='
  expect((await sim.call('GET', path + encodeURIComponent('付款申请'))).body).toEqual({
    result: {
      processCode: 'PROC-0F8B2A77-5D3C-4E19-9B60-1A2C3D4E5F60',
      gmtModified: expect.stringMatching(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}Z$/),
    },
  })
  expect(await sim.call('GET', `${path}nothing`)).toMatchObject({ status: 400, body: { code: 'process.error' } })
})

const now = () => Date.parse('2026-01-06T00:00:00Z')

describe('the list of ids', () => {
  const path = '/v1.0/workflow/processes/instanceIds/query'
  test('is paged by time of creation as in the samples', async () => {
    await using sim = await drive({ now })
    const [first, second] = ids
    const [newest] = second?.response.body.result.list ?? []
    // Loaded in another order than they were created in.
    await sim.act('load', load(running, newest ?? ''))
    for (const id of first?.response.body.result.list ?? []) await sim.act('load', load(completed, id))
    await sim.act('load', load(terminated, 'Aa1AaA1aAaAa1aAaA1aAaa05121767579000'))
    for (const { request, response } of ids) {
      expect((await sim.call('POST', path, request.body)).body).toEqual(response.body)
    }
  })

  test('refuses what the vendor refuses, with its codes', async () => {
    await using sim = await drive({ now })
    const good = { processCode: EXPENSE, startTime: now() - 1000, nextToken: 0, maxResults: 20 }
    const day = 86_400_000
    const cases = [
      [{ processCode: 'PROC-NONE' }, 'invalidProcessCode'],
      [{ startTime: undefined }, 'invalidInstanceListIdsStartTime'],
      [{ startTime: now() - 366 * day }, 'invalidInstanceListIdsStartTime'],
      [{ startTime: now() - 130 * day, endTime: now() }, 'invalidEndTime'],
      [{ endTime: now() - 2000 }, 'invalidEndTime'],
      [{ nextToken: 'x' }, 'invalidNextToken'],
      [{ maxResults: 21 }, 'invalidMaxResults'],
      [{ userIds: Array.from({ length: 11 }, String) }, 'invalidUserIds'],
    ] as const
    for (const [change, code] of cases) {
      expect(await sim.call('POST', path, { ...good, ...change })).toMatchObject({ status: 400, body: { code } })
    }
    expect((await sim.call('POST', path, good)).body).toEqual({ result: { list: [] }, success: true })
  })
})

test('a comment is in the book and in the records of the instance, also after a restart', async () => {
  const first = await drive()
  await first.act('load', load(completed, SAMPLE))
  const path = new URL(comment.request.url).pathname
  expect((await first.call('POST', path, comment.request.body)).body).toEqual(comment.response.body)
  await using sim = await first.restart()
  expect((await sim.control('GET', '/_sim/book?kind=comment')).body).toMatchObject([
    { kind: 'comment', reference: SAMPLE, body: comment.request.body },
  ])
  expect((await sim.call('GET', detailPath(SAMPLE))).body).toMatchObject({
    result: {
      operationRecords: expect.arrayContaining([expect.objectContaining({ remark: comment.request.body.text })]),
    },
  })
})

test('a comment on an instance that does not exist is refused', async () => {
  await using sim = await drive()
  const { pathname } = new URL(comment.request.url)
  expect(await sim.call('POST', pathname, comment.request.body)).toMatchObject({
    status: 400,
    body: { code: 'processInstanceNotExist' },
  })
})

describe('a running instance', () => {
  test('is withdrawn by its originator only, and not in its first 15 seconds', async () => {
    const skew = { ms: 0 }
    await using sim = await drive({ now: () => Date.now() + skew.ms })
    const { id } = await sim.act('submit', { form: '费用报销单', fields: {}, originator: '孙雨桐' })
    const terminate = (operatingUserId: string) =>
      sim.call('POST', '/v1.0/workflow/processInstances/terminate', {
        processInstanceId: id,
        isSystem: false,
        remark: '金额填错',
        operatingUserId,
      })
    expect((await terminate('17650938244120563')).body).toMatchObject({ code: 'aflowProcessInstStatusException' })
    skew.ms = 16_000
    expect((await terminate('manager6812')).body).toMatchObject({ code: 'invalidParameter' })
    expect((await terminate('17650938244120563')).body).toEqual({ result: true, success: true })
    expect((await sim.call('GET', detailPath(id))).body).toMatchObject({
      result: { status: 'TERMINATED', result: '', tasks: [{ status: 'CANCELED' }] },
    })
  })

  test('is agreed task by task, each by its owner', async () => {
    await using sim = await drive()
    const { id } = await sim.act('submit', { form: EXPENSE, fields: {} })
    const detail = async () => ((await sim.call('GET', detailPath(id))).body as typeof running.response.body).result
    const act = async (actionerUserId: string) => {
      const taskId = (await detail()).tasks.at(-1)?.taskId
      const body = { ...execute.request.body, processInstanceId: id, taskId, actionerUserId }
      return (await sim.call('POST', '/v1.0/workflow/processInstances/execute', body)).body
    }
    expect(await act('093621478512036700')).toMatchObject({ code: 'aflowProcessInstCanNotBeExecuted' })
    expect(await act('manager6812')).toEqual(execute.response.body)
    expect(await detail()).toMatchObject({ status: 'RUNNING', tasks: [{ result: 'AGREE' }, { status: 'RUNNING' }] })
    expect(await act('093621478512036700')).toEqual(execute.response.body)
    expect(await detail()).toMatchObject({ status: 'COMPLETED', result: 'agree' })
  })
})
