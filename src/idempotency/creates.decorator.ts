import { applyDecorators, UseInterceptors } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import { Budget } from '../limits/budget.js';
import { IdempotencyInterceptor } from './idempotency.interceptor.js';

const DESCRIPTION =
  'A text of your own, 1 to 255 printable characters, that is new for each thing you create. Whoever repeats a request ' +
  'with the same key within a day gets the same answer again, with `Idempotency-Replayed: true`, and nothing is created twice.';

/**
 * A route that creates something: it takes `Idempotency-Key`, and has the budget of such requests. Its answer is kept
 * for a day, so it must not carry a secret; and it must be returned, not sent by the route itself.
 */
export const Creates = (): MethodDecorator =>
  applyDecorators(
    Budget('create'),
    UseInterceptors(IdempotencyInterceptor),
    ApiHeader({ name: 'Idempotency-Key', required: false, description: DESCRIPTION, schema: { type: 'string' } }),
  );
