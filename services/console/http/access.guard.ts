import { Inject, Injectable } from '@nestjs/common'
import type { CanActivate, ExecutionContext } from '@nestjs/common'
import { callerOf, checkRole, otherProject } from '../access.ts'
import type { ConsolePorts } from '../ports.ts'
import { roleFor } from './declared.ts'
import { harden, type HttpReply, type HttpRequest } from './request.ts'
import { PORTS } from './tokens.ts'

/** Lets in whom the rules of access let in; everybody else gets a problem without detail. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(@Inject(PORTS) private readonly ports: ConsolePorts) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const http = context.switchToHttp()
    const reply = http.getResponse<HttpReply>()
    harden(reply)
    // Answers are in UTC; who shows them to people shows them in the zone of the business.
    reply.header('shuniu-zone', this.ports.zone)
    const request = http.getRequest<HttpRequest>()
    request.fallback = this.ports.language
    const { raw, headers, url } = request
    const caller = await callerOf({ peer: raw.socket.remoteAddress, headers, url }, this.ports)
    checkRole(caller, roleFor(context.getHandler()))
    request.caller = caller
    const refusal = otherProject({ headers }, this.ports.folder)
    if (refusal) throw refusal
    return true
  }
}
