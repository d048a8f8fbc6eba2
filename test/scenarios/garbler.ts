import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http'

/** What a vendor answers instead of itself. It must end the response, or never will. */
export type Garbage = (response: ServerResponse) => void

/** Stands before a simulator and lets everything through, but answers what it was told to in its own way. */
export interface Garbler {
  readonly url: string
  /** The next calls to a path with `part` in it are carried out by the simulator, and answered with garbage. */
  garble(part: string, garbage: Garbage, times?: number): void
  close(): void
}

export async function startGarbler(target: string): Promise<Garbler> {
  const rules: { part: string; garbage: Garbage; left: number }[] = []
  const server = createServer((incoming, response) => {
    const rule = rules.find(({ part, left }) => left > 0 && incoming.url?.includes(part))
    if (rule) rule.left--
    forward(target, incoming, (answer, body) => {
      if (rule) return rule.garbage(response)
      response.writeHead(answer.statusCode ?? 500, answer.headers).end(body)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  return {
    url: `http://127.0.0.1:${port}`,
    garble: (part, garbage, times = 1) => void rules.push({ part, garbage, left: times }),
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}

function forward(
  target: string,
  incoming: IncomingMessage,
  done: (answer: IncomingMessage, body: Buffer) => void,
): void {
  const { method, headers, url = '' } = incoming
  const outgoing = request(new URL(url, target), { method, headers }, (answer) => {
    const chunks: Buffer[] = []
    answer.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => done(answer, Buffer.concat(chunks)))
  })
  outgoing.on('error', () => incoming.socket.destroy())
  incoming.pipe(outgoing)
}
