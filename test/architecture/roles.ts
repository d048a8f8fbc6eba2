/** Tests and what only tests use. These may use development dependencies, and nothing that runs imports them. */
export function isForTests(path: string): boolean {
  return (
    /\.test\.ts$|\/(suite|testing|facts)\.ts$|\/test-[a-z-]+(\.ts$|\/)|\/fixtures\//.test(path) ||
    isKit(path) ||
    path.startsWith('test/')
  )
}

/** The acceptance kit is for tests too, those of connectors we do not know: it is held to more. */
export function isKit(path: string): boolean {
  return path.startsWith('connectors/sdk/kit/') && !path.endsWith('.test.ts')
}
