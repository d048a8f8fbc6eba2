import { afterAll, beforeAll, describe } from 'vitest'
import { startCluster, type Cluster } from '../kafka/fixtures/cluster.ts'
import { missing, withoutBroker } from '../kafka/fixtures/jars.ts'
import { openSetting } from '../kafka/fixtures/setting.ts'
import { eventLogSuite } from './suite.ts'

describe.skipIf(missing !== '')(`on Kafka${withoutBroker}`, () => {
  let cluster: Cluster
  beforeAll(async () => void (cluster = await startCluster(1)), 120_000)
  afterAll(() => cluster.close())

  describe.each([1, 3])('with topics of %i partitions', (partitions) => {
    eventLogSuite(() =>
      openSetting(
        { brokers: cluster.addresses },
        { 'approval.payment.approved.v1': partitions, 'other.v1': partitions },
      ),
    )
  })
})
