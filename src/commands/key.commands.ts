import { type Command, InvalidArgumentError } from 'commander';
import { ApiKeys } from '../auth/keys/api-keys.js';
import { PERMISSIONS, type Permission } from '../auth/role.js';
import { NO_VISIT } from '../auth/visit.js';
import { inHouse } from './house.js';
import type { Print } from './print.js';
import { userOf } from './user.commands.js';

const DAY_MS = 86_400_000;

interface NewKey {
  readonly name: string;
  readonly scopes?: Permission[];
  readonly days?: number;
}

export function addKeyCommands(program: Command, print: Print): void {
  const key = program.command('key').description('API keys, for programs');

  key
    .command('create <email>')
    .description('make a key of this user and print it; it is shown only now')
    .option('--name <name>', 'to tell it from others', 'made by the command line')
    .option('--scopes <scopes>', 'what it may do, with commas between; without, everything that tasks need', asScopes)
    .option('--days <days>', 'after how many days it expires', asDays)
    .action(async (email: string, { name, scopes, days }: NewKey) => {
      const expiresAt = days === undefined ? null : new Date(Date.now() + days * DAY_MS);
      const made = await inHouse(async (house) =>
        house.get(ApiKeys).createFor(await userOf(house, email), { name, scopes, expiresAt }, NO_VISIT),
      );
      print(made.key);
    });

  key
    .command('revoke <id>')
    .description('let a key open nothing any more')
    .action(async (id: string) => {
      await inHouse((house) => house.get(ApiKeys).revokeAny(id, NO_VISIT));
      print('The key is revoked.');
    });
}

function asScopes(text: string): Permission[] {
  return text.split(',').map((word) => {
    const scope = PERMISSIONS.find((permission) => permission === word.trim());
    if (!scope) throw new InvalidArgumentError(`Known are: ${PERMISSIONS.join(', ')}.`);
    return scope;
  });
}

function asDays(text: string): number {
  const days = Number(text);
  if (!(days > 0 && days < 100_000)) throw new InvalidArgumentError('It is a number above 0.');
  return days;
}
