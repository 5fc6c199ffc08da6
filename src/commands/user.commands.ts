import type { INestApplicationContext } from '@nestjs/common';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { Passwords } from '../auth/passwords/passwords.js';
import { ROLES, type Role } from '../auth/role.js';
import { Accounts } from '../auth/users/accounts.js';
import { emailSchema } from '../auth/users/user.document.js';
import type { User } from '../auth/users/user.entity.js';
import { UserStore } from '../auth/users/user.store.js';
import { UsersService } from '../auth/users/users.service.js';
import { NO_VISIT } from '../auth/visit.js';
import { inHouse } from './house.js';
import { readPassword } from './password.input.js';
import type { Print } from './print.js';

const AT_ONCE = 200;

interface NewUser {
  readonly admin?: true;
  readonly role: Role;
  readonly name?: string;
  readonly link?: true;
}

export function addUserCommands(program: Command, print: Print): void {
  const user = program.command('user').description('accounts of people');

  user
    .command('create')
    .argument('<email>', 'the address with which the user logs in', asEmail)
    .description('make a user; the password is asked for, or read from the standard input')
    .option('--admin', 'the same as --role admin')
    .addOption(new Option('--role <role>', 'what the user may do').choices(ROLES).default('user'))
    .option('--name <name>', 'as others see it')
    .option('--link', 'print a link with which the user chooses a password')
    .action(async (email: string, wanted: NewUser) => {
      const password = wanted.link ? null : await readPassword();
      print(await inHouse((house) => create(house, email, password, wanted)));
    });

  user
    .command('list')
    .description('show all users: address, role, and whether they are disabled')
    .action(() => inHouse((house) => list(house, print)));

  user
    .command('disable <email>')
    .description('end all sessions of a user, and let nobody in with that account')
    .action(async (email: string) => {
      await inHouse(async (house) => {
        const { id } = await userOf(house, email);
        await house.get(UsersService).change(null, id, { disabled: true }, NO_VISIT);
      });
      print('The user is disabled.');
    });

  user
    .command('reset-link <email>')
    .description('print a link with which the user chooses a new password')
    .action(async (email: string) => {
      print(await inHouse(async (house) => linkFor(house, await userOf(house, email))));
    });
}

/** @throws Error when nobody has this address */
export async function userOf(house: INestApplicationContext, email: string): Promise<User> {
  const user = await house.get(UserStore).findByEmail(email);
  if (!user) throw new Error(`There is no user ${email}.`);
  return user;
}

async function create(
  house: INestApplicationContext,
  email: string,
  password: string | null,
  { admin, role, name }: NewUser,
): Promise<string> {
  const account = { email, name: name ?? null, role: admin ? ('admin' as const) : role, password };
  const user = await house.get(Accounts).create(account, NO_VISIT, null);
  return password === null ? linkFor(house, user) : `The ${user.role} ${user.email} can log in.`;
}

async function linkFor(house: INestApplicationContext, user: User): Promise<string> {
  const { url, expiresAt } = await house.get(Passwords).link(user, null, NO_VISIT);
  return `${url}\nIt works once, until ${expiresAt.toISOString()}.`;
}

async function list(house: INestApplicationContext, print: Print): Promise<void> {
  const store = house.get(UserStore);
  let after: string | undefined;
  do {
    const users = await store.list({}, AT_ONCE, after);
    for (const { email, role, disabledAt } of users)
      print([email, role, disabledAt ? 'disabled' : 'active'].join('\t'));
    after = users.length === AT_ONCE ? users.at(-1)?.id : undefined;
  } while (after !== undefined);
}

function asEmail(text: string): string {
  const email = emailSchema.safeParse(text);
  if (!email.success) throw new InvalidArgumentError('It is no address.');
  return email.data;
}
