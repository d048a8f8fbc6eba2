import { editorSchema } from '@shuniu/infra/config'
import { testShape } from './format.ts'

/** JSON Schema of files of tests, for editors: path in the repository and text. */
export function generateTestSchema(): [string, string] {
  const from = 'services/hub/cli/flow-test'
  return editorSchema('test', { shape: testShape, title: 'Tests of a flow', where: 'tests/NAME.test.yaml', from })
}
