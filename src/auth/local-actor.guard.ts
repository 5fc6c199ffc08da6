import { isIP } from 'node:net';
import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { Config, isLoopback } from '../config/config.js';
import { Problem } from '../errors/problem.js';
import { identify, LOCAL_ACTOR } from './actor.js';
import { PUBLIC } from './public.decorator.js';

/**
 * Until there are accounts: whoever reaches the server is the local actor. A web page in somebody's browser can reach
 * it too, so requests that a foreign page caused are refused: those with a foreign `Origin` or `Sec-Fetch-Site`, and
 * those whose `Host` anybody could have registered and pointed here (DNS rebinding).
 */
@Injectable()
export class LocalActorGuard implements CanActivate {
  constructor(
    private readonly config: Config,
    private readonly reflector: Reflector,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    if (this.reflector.getAllAndOverride<boolean>(PUBLIC, [context.getHandler(), context.getClass()])) return true;

    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const host = request.headers.host ?? '';
    const trusted = this.config.TRUSTED_NETWORK ? isPrivateName : isLoopback;
    if (!trusted(hostname(host))) {
      throw new Problem('origin_not_allowed', 'The Host of the request must be this machine: 127.0.0.1 or localhost.');
    }
    if (isForeign(request, host)) {
      throw new Problem('origin_not_allowed', 'Requests that a page of another site makes are not allowed.');
    }
    identify(request, LOCAL_ACTOR);
    return true;
  }
}

function isForeign({ headers }: FastifyRequest, host: string): boolean {
  if (headers['sec-fetch-site'] === 'cross-site' || headers['sec-fetch-site'] === 'same-site') return true;
  const { origin } = headers;
  return origin !== undefined && !(URL.canParse(origin) && new URL(origin).host === host);
}

function hostname(host: string): string {
  const url = `http://${host}`;
  return URL.canParse(url) ? new URL(url).hostname.replace(/^\[|\]$/g, '') : '';
}

/** An address, or a name that nobody can register: one word, or below a domain that is reserved for private use. */
function isPrivateName(host: string): boolean {
  return isIP(host) !== 0 || /^[\w-]+$|\.(internal|local|localhost|home\.arpa)$/.test(host);
}
