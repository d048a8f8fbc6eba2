import type { ErrorCode } from '../catalogue.ts'
import { HubError, problem, type Problem } from '../errors.ts'
import { nearest } from '../nearest.ts'
import { Day, Duration, Instant, isDecimal } from '../values.ts'

/** Collects what is wrong with the data of an event, each with the path of the field. Never repeats the data itself. */
export class Findings {
  readonly problems: Problem[] = []
  private readonly path: (string | number)[] = []

  /** Goes into a field or an item and out again. */
  at<Result>(step: string | number, look: () => Result): Result {
    this.path.push(step)
    const result = look()
    this.path.pop()
    return result
  }

  /** As `at`, in two halves, for where a function for each step would cost more than the look. */
  into(step: string | number): void {
    this.path.push(step)
  }

  out(): void {
    this.path.pop()
  }

  add(code: ErrorCode, parameters: Record<string, string | number>): undefined {
    if (this.problems.length < MOST) this.problems.push(problem(code, { path: this.here(), ...parameters }))
  }

  wrongType(expected: string, value: unknown): undefined {
    return this.add('contract.wrong-type', { expected, got: kindOf(value) })
  }

  unknownField(name: string, known: readonly string[]): undefined {
    return this.at(name.slice(0, 64), () =>
      this.add('contract.unknown-field', { nearest: nearest(name, known, Infinity) ?? '' }),
    )
  }

  /** All problems as one error. */
  asError(type: string): HubError {
    const errors = this.problems.map((one) => one.error)
    const parameters = { type, count: errors.length, problems: errors.map((error) => error.message).join(' ') }
    return new HubError('contract.invalid', parameters, { cause: new AggregateError(errors) })
  }

  private here(): string {
    const steps = this.path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`))
    return steps.join('').replace(/^\./, '') || '(root)'
  }
}

/** Nobody reads more; a list of ten thousand bad lines stays a small error. */
const MOST = 100

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (value === undefined) return 'nothing'
  if (isDecimal(value)) return 'decimal'
  if (value instanceof Instant) return 'instant'
  if (value instanceof Day) return 'date'
  if (value instanceof Duration) return 'duration'
  if (Array.isArray(value)) return 'list'
  return { string: 'text', boolean: 'boolean', object: 'record' }[typeof value as string] ?? typeof value
}
