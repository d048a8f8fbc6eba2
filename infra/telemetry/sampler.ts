import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  type Sampler,
} from '@opentelemetry/sdk-trace'

/** The sampler that `OTEL_TRACES_SAMPLER` and `…_ARG` name; a name nobody knows is the standard's default. */
export function samplerOf(environment: Readonly<Record<string, string | undefined>>): Sampler {
  const name = environment['OTEL_TRACES_SAMPLER'] ?? ''
  const root = rootOf(name.replace(/^parentbased_/, ''), environment['OTEL_TRACES_SAMPLER_ARG'])
  return name !== '' && !name.startsWith('parentbased_') && root ? root : new ParentBasedSampler({ root: root ?? on })
}

const on = new AlwaysOnSampler()

function rootOf(name: string, argument: string | undefined): Sampler | undefined {
  switch (name) {
    case 'always_on':
      return on
    case 'always_off':
      return new AlwaysOffSampler()
    case 'traceidratio':
      return new TraceIdRatioBasedSampler(ratioOf(argument))
    default:
      return undefined
  }
}

function ratioOf(text: string | undefined): number {
  const ratio = Number(text)
  return text !== undefined && ratio >= 0 && ratio <= 1 ? ratio : 1
}
