// For an engine of containers: ends with 0 when the hub in this container is ready, with 1 otherwise.
const port = process.env.SHUNIU_OPS_PORT ?? '7072'
try {
  const { ok } = await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(3_000) })
  process.exitCode = ok ? 0 : 1
} catch {
  process.exitCode = 1
}
