import type { Constructor } from '@mikro-orm/core';
import type { Migration } from '@mikro-orm/migrations';

/** A migration and the name under which the database remembers it. */
export interface NamedMigration {
  readonly name: string;
  readonly class: Constructor<Migration>;
}
