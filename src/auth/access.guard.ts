import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { Config } from '../config/config.js';
import { Problem } from '../errors/problem.js';
import { ACCESS, type Access } from './access.decorators.js';
import { type Actor, identify } from './actor.js';
import { notAuthenticated, shownBy } from './credentials.js';
import { refuseForeignPage } from './foreign.page.js';
import { ApiKeys } from './keys/api-keys.js';
import { AccessTokenGuard } from './sessions/access-token.guard.js';

/**
 * The one guard, around every route: finds the actor, and lets in whoever has the right that the route needs. A route
 * that says nothing of rights lets nobody in.
 */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly tokens: AccessTokenGuard,
    private readonly keys: ApiKeys,
    private readonly config: Config,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const places = [context.getHandler(), context.getClass()];
    const access = this.reflector.getAllAndOverride<Access | undefined>(ACCESS, places);
    if (access && 'public' in access) return true;
    const actor = await this.actor(context);
    if (!access) throw new Problem('not_allowed', 'Nobody may do this.');
    if (!actor.permissions.has(access.needs))
      throw new Problem('not_allowed', `This needs the right ${access.needs}, which you do not have.`);
    return true;
  }

  private async actor(context: ExecutionContext): Promise<Actor> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const shown = shownBy(request);
    if (shown.type === 'nothing') throw notAuthenticated('Log in, or show an API key.');
    const actor =
      shown.type === 'key' ? await this.keys.authenticate(shown.key) : await this.tokens.actor(shown.token, context);
    if (shown.type === 'token' && shown.cookie) refuseForeignPage(request, this.config.PUBLIC_URL);
    identify(request, actor);
    return actor;
  }
}
