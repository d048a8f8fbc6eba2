import { createServer, type Server } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openTraces, parseTraceparent, type Traces } from './index.ts'
import { samplerOf } from './sampler.ts'

describe('traces', () => {
  it('are off without a place to send them, or when somebody says no', async () => {
    const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' }
    const off = [{}, { ...endpoint, OTEL_SDK_DISABLED: 'true' }, { ...endpoint, OTEL_TRACES_EXPORTER: 'none' }]
    for (const environment of off) expect(await openTraces(environment, '1')).toBeUndefined()
  })

  it.each([
    ['', 'ParentBased{root=AlwaysOnSampler'],
    ['always_on', 'AlwaysOnSampler'],
    ['always_off', 'AlwaysOffSampler'],
    ['traceidratio', 'TraceIdRatioBased{0.25}'],
    ['parentbased_always_off', 'ParentBased{root=AlwaysOffSampler'],
    ['parentbased_traceidratio', 'ParentBased{root=TraceIdRatioBased{0.25}'],
    ['nonsense', 'ParentBased{root=AlwaysOnSampler'],
  ])('are sampled as OTEL_TRACES_SAMPLER=%s says', (OTEL_TRACES_SAMPLER, expected) => {
    expect(String(samplerOf({ OTEL_TRACES_SAMPLER, OTEL_TRACES_SAMPLER_ARG: '0.25' }))).toContain(expected)
  })
})

describe('without a collector that answers', () => {
  it('the hub can end all the same', { timeout: 10_000 }, async () => {
    const traces = await openTraces({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' }, '1')
    traces?.tell('run', { since: Date.now() })
    const began = Date.now()
    await traces?.close()
    expect(Date.now() - began).toBeLessThan(4_000)
  })
})

describe('where a trace stands', () => {
  let collector: Server
  let traces: Traces | undefined
  const bodies: Buffer[] = []

  beforeAll(async () => {
    collector = createServer((request, response) => {
      request.on('data', (chunk: Buffer) => bodies.push(chunk)).on('end', () => response.end())
    }).listen(0, '127.0.0.1')
    await once(collector, 'listening')
    const url = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`
    process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = url
    traces = await openTraces({ OTEL_EXPORTER_OTLP_ENDPOINT: url }, '1')
  })
  afterAll(async () => {
    delete process.env['OTEL_EXPORTER_OTLP_ENDPOINT']
    await traces?.close()
    collector.close()
  })

  it('follows from the correlation alone, in every process and on every day', async () => {
    const origin = traces?.origin('approval-7') ?? ''
    expect(traces?.origin('approval-7')).toBe(origin)
    expect(traces?.origin('approval-8')).not.toBe(origin)
    const span = await traces?.within('run', { under: origin }, async ({ traceparent }) => traceparent)
    expect(parseTraceparent(span ?? '')?.traceId).toBe(parseTraceparent(origin)?.traceId)
    expect(span).not.toBe(origin)
  })

  it('is that of the span around the work, and of none outside', async () => {
    expect(traces?.here).toBeUndefined()
    await traces?.within('outer', {}, async (outer) => {
      expect(traces?.here).toBe(outer.traceparent)
      const inner = traces?.tell('inner', { since: Date.now() })
      expect(parseTraceparent(inner?.traceparent ?? '')?.traceId).toBe(parseTraceparent(outer.traceparent)?.traceId)
    })
    expect(traces?.here).toBeUndefined()
  })

  it('is the origin itself for the span that others stand under already', () => {
    const under = traces?.origin('approval-9') ?? ''
    expect(traces?.tell('approval', { under, isOrigin: true, since: Date.now() - 86_400_000 })?.traceparent).toBe(under)
  })

  it('an error ends its span and goes on, and its words are not told', async () => {
    const failing = traces?.within('bad', {}, () => Promise.reject(new RangeError('张三 13812345678')))
    await expect(failing).rejects.toThrow(RangeError)
    await traces?.close()
    const sent = Buffer.concat(bodies).toString('latin1')
    expect(sent).toContain('RangeError')
    expect(sent).not.toContain('13812345678')
  })
})
