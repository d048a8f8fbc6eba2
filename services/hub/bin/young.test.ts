import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'

test('the space for new objects stays as small as it was made, however many of them live', () => {
  const script = `
    import { getHeapSpaceStatistics } from 'node:v8'
    import { boundYoung } from ${JSON.stringify(new URL('young.mjs', import.meta.url).href)}
    boundYoung()
    const kept = []
    for (let at = 0; at < 2_000_000; at++) kept.push({ at })
    console.log(getHeapSpaceStatistics().find((one) => one.space_name === 'new_space').space_size, kept.length)`
  const [size] = String(execFileSync(process.execPath, ['--input-type=module', '-e', script])).split(' ')
  expect(Number(size)).toBe(32 * 2 ** 20)
})
