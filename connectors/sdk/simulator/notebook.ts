import { z } from 'zod'
import { runSimulator } from './program.ts'
import { ActRefused } from './simulator.ts'
import type { Simulator, SimulatorContext, SimulatorDefinition } from './simulator.ts'

/**
 * The smallest simulator there can be, as an example and for the kit's own tests: `POST /notes` keeps a note,
 * `GET /notes` lists them, `POST /batch` keeps each line of a text.
 */
export const notebook: SimulatorDefinition = {
  name: 'notebook',
  options: { owner: { type: 'string', help: 'whose notes these are', default: 'somebody' } },
  create: openNotebook,
}

const say = (body: unknown) => ({ status: 200, body: JSON.stringify(body) })

function openNotebook({ book, options, faults }: SimulatorContext): Simulator {
  let last = book.list().length
  const keep = async (text: string): Promise<void> => {
    last += 1
    await book.append({ id: String(last), number: `N-${last}`, kind: 'note', status: 'kept', body: text })
  }
  return {
    describe: () => ({ owner: options['owner'] }),
    acts: {
      erase: {
        title: 'Erase a note',
        input: z.strictObject({ id: z.string() }),
        async run(input) {
          const { id } = z.object({ id: z.string() }).parse(input)
          const note = book.get(id)
          if (!note) throw new ActRefused(`there is no note ${id}`)
          await book.append({ ...note, status: 'erased' })
          return { id }
        },
      },
      ring: { title: 'Try to push', input: z.strictObject({}), run: async () => faults.take('push', 'push') ?? {} },
    },
    operations: ['note.keep', 'note.list', 'note.batch', 'push'],
    operationOf: ({ method, path }) =>
      method === 'GET' ? 'note.list' : path === '/batch' ? 'note.batch' : 'note.keep',
    async handle({ method, path, text, fault }) {
      if (method === 'GET') return say(book.list('note').map((note) => note.body))
      const lines = path === '/batch' ? text.split('\n') : [text]
      const kept = fault?.fault === 'partial-batch' ? lines.slice(0, 1) : lines
      await Promise.all(kept.map(keep))
      return say({ kept: kept.length })
    },
    faultAnswer(fault, { method, path }) {
      if (fault === 'empty-query') return method === 'GET' ? say([]) : undefined
      if (fault === 'partial-batch') return path === '/batch' ? 'handle' : undefined
      return { status: fault === 'throttle' ? 429 : 400, body: fault }
    },
    secrets: ['open sesame'],
  }
}

if (import.meta.main) await runSimulator(notebook, process.argv)
