import { SetMetadata } from '@nestjs/common';
import type { Config } from '../config/config.js';

/**
 * What requests are counted as. Of an actor: `create` what makes something, `status` what asks how far it is, `other`
 * everything else. Of an address, where nobody is known yet: `login`, and `stranger` everything else.
 */
export const BUDGETS = ['login', 'stranger', 'create', 'status', 'other'] as const;

export type BudgetName = (typeof BUDGETS)[number];

export const BUDGET = 'toolyard:budget';

/** Counts the requests of a route, or of a controller, as these; `none` is for probes and scrapes, which are many. */
export const Budget = (name: BudgetName | 'none') => SetMetadata(BUDGET, name);

/** Requests a minute; 0: as many as they like. */
export function limitsOf(config: Config): Readonly<Record<BudgetName, number>> {
  return {
    login: config.RATE_LIMIT_LOGIN,
    stranger: config.RATE_LIMIT_STRANGER,
    create: config.RATE_LIMIT_CREATE,
    status: config.RATE_LIMIT_STATUS,
    other: config.RATE_LIMIT_OTHER,
  };
}
