import { expect, test } from 'vitest'
import { Renewed } from './renewed.ts'

/** Clients that say when they come and go. */
function clients() {
  const said: string[] = []
  let made = 0
  const renewed = new Renewed(() => {
    const name = `client ${++made}`
    return {
      name,
      connect: async () => void said.push(`${name} connects`),
      disconnect: async () => void said.push(`${name} leaves`),
    }
  })
  return { said, renewed }
}

test('a client is used again and again, until a call fails', async () => {
  const { said, renewed } = clients()
  const names = [await renewed.use(async ({ name }) => name), await renewed.use(async ({ name }) => name)]
  await expect(renewed.use(() => Promise.reject(new Error('no')))).rejects.toThrow('no')
  names.push(await renewed.use(async ({ name }) => name))
  await renewed.close()
  expect(names).toEqual(['client 1', 'client 1', 'client 2'])
  expect(said).toEqual(['client 1 connects', 'client 1 leaves', 'client 2 connects', 'client 2 leaves'])
})

test('what is under way on a replaced client comes to its end before it leaves', async () => {
  const { said, renewed } = clients()
  const gate = Promise.withResolvers<string>()
  const slow = renewed.use(() => gate.promise)
  await expect(renewed.use(() => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(said).toEqual(['client 1 connects'])
  gate.resolve('done')
  expect(await slow).toBe('done')
  await renewed.close()
  expect(said).toEqual(['client 1 connects', 'client 1 leaves'])
})
