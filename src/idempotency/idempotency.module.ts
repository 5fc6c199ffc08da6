import { Global, Module } from '@nestjs/common';
import { IdempotencyStore } from './idempotency.store.js';
import { KeyedRequests } from './keyed.requests.js';

@Global()
@Module({ providers: [IdempotencyStore, KeyedRequests], exports: [IdempotencyStore, KeyedRequests] })
export class IdempotencyModule {}
