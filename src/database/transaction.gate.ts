import type { EventSubscriber } from '@mikro-orm/core';

/**
 * SQLite has one connection, and a statement that comes while a transaction is open would become part of it. Whoever
 * speaks to the connection directly waits here until no transaction is open.
 */
export class TransactionGate implements EventSubscriber {
  private open = 0;
  private waiting = Promise.withResolvers<void>();

  beforeTransactionStart(): void {
    this.open += 1;
  }

  afterTransactionCommit(): void {
    this.ended();
  }

  afterTransactionRollback(): void {
    this.ended();
  }

  /** Resolves when no transaction is open; costs nothing when none is. */
  async pass(): Promise<void> {
    while (this.open > 0) await this.waiting.promise;
  }

  private ended(): void {
    this.open -= 1;
    if (this.open > 0) return;
    this.waiting.resolve();
    this.waiting = Promise.withResolvers();
  }
}
