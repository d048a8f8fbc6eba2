import { Controller, Module, type DynamicModule, type Type } from '@nestjs/common'
import { Ctx, EventPattern, Payload } from '@nestjs/microservices'
import { EventContext, type EventOf } from '@shuniu/nest'

/** What a handler was called with. */
export interface Handled {
  readonly id: string
  readonly number: string
  readonly amount: string
  readonly topic: string
}

/** A controller whose handler does what a test says, and remembers its events. */
export function listener(
  handle: (event: EventOf<'finance.voucher.created'>) => Promise<void> | void = () => undefined,
): {
  readonly controller: Type
  readonly handled: readonly Handled[]
} {
  const handled: Handled[] = []
  @Controller()
  class Listener {
    @EventPattern<string>('finance.voucher.created')
    async take(@Payload() event: EventOf<'finance.voucher.created'>, @Ctx() context: EventContext): Promise<void> {
      await handle(event)
      const { number, amount } = event.data
      handled.push({ id: event.id, number: number ?? '', amount: amount.toFixed(2), topic: context.record.topic })
    }
  }
  return { controller: Listener, handled }
}

@Module({})
class Program {}

export function programOf(controller: Type): DynamicModule {
  return { module: Program, controllers: [controller] }
}
