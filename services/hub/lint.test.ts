import { test, expect } from 'vitest'
import { fileURLToPath } from 'node:url'
import { checkingGround, compileProject, flowGround, openProject } from './project.ts'

const example = fileURLToPath(new URL('../../examples/payment-to-voucher', import.meta.url))
test('the example project has no problem', async () => {
  const open = await openProject(example, { DINGTALK_URL: 'http://127.0.0.1:1', KINGDEE_URL: 'http://127.0.0.1:2' })
  const { plans, problems } = compileProject(open, flowGround(open, checkingGround(open, undefined)))
  const said = [...open.problems, ...problems].map(
    ({ error, severity }) => `${severity} ${error.place?.file}:${error.place?.line} ${error.code} ${error.message}`,
  )
  expect(said).toEqual([])
  expect(plans.map((plan) => plan.name)).toEqual(['payment-to-voucher'])
})
