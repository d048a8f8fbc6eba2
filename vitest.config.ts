import { defineConfig } from 'vitest/config'

// Sources are run directly (condition @shuniu/source), so unit tests need no build. `ssr` becomes Node's own conditions: `import`
// is not among them, or a CommonJS package would be given the modules of those it requires.
export default defineConfig({
  resolve: { conditions: ['@shuniu/source', 'node', 'import', 'module', 'default'] },
  ssr: { resolve: { conditions: ['@shuniu/source', 'node', 'module', 'default'] } },
  test: {
    include: ['**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    pool: 'forks',
    maxWorkers: '100%',
    testTimeout: 20_000,
  },
})
