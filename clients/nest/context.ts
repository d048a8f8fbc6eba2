import { BaseRpcContext } from '@nestjs/microservices'
import type { HubEvent, KafkaRecord } from '@shuniu/client'

/** What `@Ctx()` gives a handler: the record as it came. */
export class EventContext extends BaseRpcContext<[HubEvent, KafkaRecord]> {
  constructor(event: HubEvent, record: KafkaRecord) {
    super([event, record])
  }

  get event(): HubEvent {
    return this.args[0]
  }

  get record(): KafkaRecord {
    return this.args[1]
  }
}
