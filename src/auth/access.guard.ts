import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Config } from '../config/config.js';
import { Problem } from '../errors/problem.js';
import { clientAddress } from '../limits/client.address.js';
import { RequestBudgets } from '../limits/request.budgets.js';
import { ACCESS, type Access } from './access.decorators.js';
import { actorOf, identify } from './actor.js';
import { notAuthenticated, shownBy } from './credentials.js';
import { refuseForeignPage } from './foreign.page.js';
import { ApiKeys } from './keys/api-keys.js';
import type { Permission } from './role.js';
import { AccessTokenGuard } from './sessions/access-token.guard.js';

/**
 * The first guard, around every route: finds the actor, and lets in whoever has the right that the route needs. A route
 * that says nothing of rights lets nobody in. Who is refused never comes to the guard that counts, and is counted here.
 */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly tokens: AccessTokenGuard,
    private readonly keys: ApiKeys,
    private readonly budgets: RequestBudgets,
    private readonly config: Config,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const places = [context.getHandler(), context.getClass()];
    const access = this.reflector.getAllAndOverride<Access | undefined>(ACCESS, places);
    if (access && 'public' in access) return true;
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    try {
      await this.recognise(request, context);
      refuseWithout(access?.needs, request);
    } catch (refusal) {
      if (isRefusal(refusal)) await this.count(request, context.switchToHttp().getResponse<FastifyReply>());
      throw refusal;
    }
    return true;
  }

  private async recognise(request: FastifyRequest, context: ExecutionContext): Promise<void> {
    const shown = shownBy(request);
    if (shown.type === 'nothing') throw notAuthenticated('Log in, or show an API key.');
    const actor =
      shown.type === 'key' ? await this.keys.authenticate(shown.key) : await this.tokens.actor(shown.token, context);
    if (shown.type === 'token' && shown.cookie) refuseForeignPage(request, this.config);
    identify(request, actor);
  }

  /** @throws Problem `rate_limited`, instead of the refusal: whoever insists hears nothing more of credentials */
  private async count(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const actor = actorOf(request);
    if (actor) await this.budgets.spend(reply, 'other', actor.id);
    else await this.budgets.spend(reply, 'stranger', clientAddress(request));
  }
}

function refuseWithout(needed: Permission | undefined, request: FastifyRequest): void {
  if (needed === undefined) throw new Problem('not_allowed', 'Nobody may do this.');
  if (!actorOf(request)?.permissions.has(needed))
    throw new Problem('not_allowed', `This needs the right ${needed}, which you do not have.`);
}

/** And no fault of ours, such as a database that does not answer. */
function isRefusal(error: unknown): boolean {
  return error instanceof Problem && error.status < 500;
}
