import type { Command } from 'commander';
import { ExpiredRows } from '../auth/expired.rows.js';
import { FilesService } from '../files/files.service.js';
import { IdempotencyStore } from '../idempotency/idempotency.store.js';
import { TaskClaims } from '../tasks/task.claims.js';
import { inHouse } from './house.js';
import type { Print } from './print.js';

const AT_ONCE = 500;

/** What every start and every worker does by itself. */
export function addUpkeepCommands(program: Command, print: Print): void {
  program
    .command('migrate')
    .description('bring the database up to date, as every start does')
    .action(async () => {
      await inHouse(async () => {});
      print('The database is up to date.');
    });

  program
    .command('sweep')
    .description('remove what has expired, as every worker does')
    .action(async () => {
      const { files, tasks } = await inHouse(async (house) => {
        await house.get(ExpiredRows).remove();
        await house.get(IdempotencyStore).purge();
        const [filesService, claims] = [house.get(FilesService), house.get(TaskClaims)];
        return { files: await all(() => filesService.purge(AT_ONCE)), tasks: await all(() => claims.purge()) };
      });
      print(`Removed: files ${files}, tasks ${tasks}.`);
    });
}

/** Goes on until there is nothing more. Answers how many there were. */
async function all(some: () => Promise<number>): Promise<number> {
  let sum = 0;
  for (let found = await some(); found > 0; found = await some()) sum += found;
  return sum;
}
