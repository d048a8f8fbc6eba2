import { defineConfig } from 'vitest/config'

const conditions = ['@shuniu/source', 'node', 'import', 'module', 'default']

// Only for the kit's own test, which runs the kit on connectors with mistakes and reads which tests failed.
export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: { include: ['mistakes.ts'], root: import.meta.dirname, reporters: ['json'], testTimeout: 10_000 },
})
