import { fileURLToPath } from 'node:url'
import { openLog } from '@shuniu/infra/telemetry'
import { realClock } from '@shuniu/infra/time'
import { expect, test } from 'vitest'
import { openGround } from './ground.ts'
import { openProject } from './project.ts'

const example = fileURLToPath(new URL('../../examples/payment-to-voucher', import.meta.url))

test.each(['ingress', 'orchestrator'] as const)(
  '%s alone is refused where nobody else can do the rest',
  async (role) => {
    const around = { clock: realClock, report: openLog({ level: 'error', secrets: [] }), lost: () => undefined }
    const opening = openGround({ data: '/nowhere', port: 0, role }, await openProject(example, {}), around)
    await expect(opening).rejects.toMatchObject({ code: 'option.role-alone', parameters: { role } })
  },
)
