import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { BUDGET, type BudgetName } from '../limits/budget.js';
import { clientAddress } from '../limits/client.address.js';
import { RequestBudgets } from '../limits/request.budgets.js';
import { actorOf } from './actor.js';

/** Runs after the guard that finds the actor, and counts each request as the actor's, or as the address's when there is none. */
@Injectable()
export class BudgetGuard implements CanActivate {
  constructor(
    private readonly budgets: RequestBudgets,
    private readonly reflector: Reflector,
  ) {}

  async canActivate(context: ExecutionContext): Promise<true> {
    const declared = this.reflector.getAllAndOverride<BudgetName | 'none' | undefined>(BUDGET, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (declared === 'none') return true;
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const actor = actorOf(request);
    const reply = http.getResponse<FastifyReply>();
    if (actor) await this.budgets.spend(reply, declared ?? 'other', actor.id);
    else await this.budgets.spend(reply, declared ?? 'stranger', clientAddress(request));
    return true;
  }
}
