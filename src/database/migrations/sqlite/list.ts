import type { NamedMigration } from '../named-migration.js';
import { FilesAndTasks } from './2026-11-20-files-and-tasks.js';

/** In the order in which they are applied. An applied one is never changed. */
export const SQLITE_MIGRATIONS: readonly NamedMigration[] = [
  { name: '2026-11-20-files-and-tasks', class: FilesAndTasks },
];
