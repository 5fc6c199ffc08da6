import { Migration } from '@mikro-orm/migrations';

/** Options that nobody may read, sealed, beside the others. */
export class TaskSecrets extends Migration {
  override up(): void {
    this.addSql('alter table task add column secrets text null');
  }
}
