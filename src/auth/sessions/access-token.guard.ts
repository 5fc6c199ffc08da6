import { type ExecutionContext, Injectable } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import type { FastifyRequest } from 'fastify';
import type { Actor } from '../actor.js';
import { notAuthenticated } from '../credentials.js';
import { ACCESS_TOKEN } from './access-token.strategy.js';
import { Sessions } from './sessions.js';
import { VerifiedTokens } from './verified.tokens.js';

/** Finds who shows an access token; Passport checks each token once. */
@Injectable()
export class AccessTokenGuard extends AuthGuard(ACCESS_TOKEN) {
  constructor(
    private readonly verified: VerifiedTokens,
    private readonly sessions: Sessions,
  ) {
    super();
  }

  /** @throws Problem `not_authenticated` */
  async actor(token: string, context: ExecutionContext): Promise<Actor> {
    const known = this.verified.find(token);
    if (known) return found(await this.sessions.actor(known.sub, known.sid), undefined);
    await this.canActivate(context);
    const request = context.switchToHttp().getRequest<FastifyRequest & { user: Actor }>();
    return request.user;
  }

  override handleRequest<Found>(fault: unknown, actor: Found | false | undefined, info: unknown): Found {
    if (fault) throw fault;
    return found(actor, info);
  }
}

function found<Found>(actor: Found | false | undefined, info: unknown): Found {
  if (actor) return actor;
  const expired = info instanceof Error && info.name === 'TokenExpiredError';
  throw notAuthenticated(`The access token ${expired ? 'has expired' : 'is not valid'}.`, 'invalid_token', info);
}
