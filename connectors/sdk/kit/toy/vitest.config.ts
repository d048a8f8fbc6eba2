import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

const conditions = ['@shuniu/source', 'node', 'import', 'module', 'default']

// Only for the kit's own test, which runs the kit on connectors with mistakes and reads which tests failed.
export default defineConfig({
  root: join(import.meta.dirname, '../../../..'),
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: { include: ['connectors/sdk/kit/toy/mistakes.ts'] },
})
