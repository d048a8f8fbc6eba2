import { All, Controller, Inject, Req, Res } from '@nestjs/common'
import type { ConsolePorts } from '../ports.ts'
import { answerRegistry, type RegistryDesk } from '../registry/answer.ts'
import { registryCaller } from '../registry/registry-caller.ts'
import { harden, languageFor, type HttpReply, type HttpRequest } from './request.ts'
import { DESK, PORTS } from './tokens.ts'

/** The schema registry: one door for all of it, as programs of others know it. */
@Controller('registry')
export class RegistryController {
  constructor(
    @Inject(PORTS) private readonly ports: ConsolePorts,
    @Inject(DESK) private readonly desk: RegistryDesk,
  ) {}

  @All(['', '*'])
  async take(@Req() request: HttpRequest, @Res() reply: HttpReply): Promise<void> {
    const { method, url, headers, body, raw } = request
    const {
      status,
      headers: said,
      body: text,
    } = await answerRegistry(this.desk, {
      method,
      path: url.slice('/registry'.length),
      contentType: headers['content-type'],
      accept: headers.accept,
      body: body instanceof Uint8Array ? body : new Uint8Array(),
      language: languageFor(request, this.ports.language),
      caller: () => registryCaller({ peer: raw.socket.remoteAddress, headers, url }, this.ports),
    })
    harden(reply)
    for (const [name, value] of Object.entries(said)) reply.header(name, value)
    reply.status(status).send(text)
  }
}
