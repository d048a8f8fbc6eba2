import { Controller } from '@nestjs/common'
import { EventPattern, Payload } from '@nestjs/microservices'
import type { EventOf } from '@shuniu/nest'

@Controller()
export class VoucherController {
  @EventPattern('finance.voucher.created')
  async pay(@Payload() event: EventOf<'finance.voucher.created'>): Promise<void> {
    const { number, amount, currency } = event.data
    process.stdout.write(`${event.id} ${event.key} ${number} ${amount.toFixed(2)} ${currency}\n`)
  }
}
