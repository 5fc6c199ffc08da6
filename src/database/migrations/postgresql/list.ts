import type { NamedMigration } from '../named-migration.js';
import { FilesAndTasks } from './2026-11-20-files-and-tasks.js';
import { Purges } from './2026-11-21-purges.js';
import { Turns } from './2026-11-21-turns.js';
import { Accounts } from './2026-11-21-accounts.js';
import { Audit } from './2026-11-21-audit.js';
import { IdempotencyKeys } from './2026-11-21-idempotency.js';
import { Install } from './2026-11-21-install.js';
import { Quotas } from './2026-11-21-quotas.js';
import { Following } from './2026-11-22-following.js';
import { Webhooks } from './2026-11-22-webhooks.js';
import { TaskLogs } from './2026-11-22-task-logs.js';
import { Uploads } from './2026-11-22-uploads.js';
import { TaskSecrets } from './2026-11-21-task-secrets.js';

/** In the order in which they are applied. An applied one is never changed. */
export const POSTGRESQL_MIGRATIONS: readonly NamedMigration[] = [
  { name: '2026-11-20-files-and-tasks', class: FilesAndTasks },
  { name: '2026-11-21-turns', class: Turns },
  { name: '2026-11-21-purges', class: Purges },
  { name: '2026-11-21-accounts', class: Accounts },
  { name: '2026-11-21-audit', class: Audit },
  { name: '2026-11-21-idempotency', class: IdempotencyKeys },
  { name: '2026-11-21-quotas', class: Quotas },
  { name: '2026-11-22-following', class: Following },
  { name: '2026-11-22-webhooks', class: Webhooks },
  { name: '2026-11-22-task-logs', class: TaskLogs },
  { name: '2026-11-22-uploads', class: Uploads },
  { name: '2026-11-21-task-secrets', class: TaskSecrets },
  { name: '2026-11-21-install', class: Install },
];
