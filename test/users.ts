import type { Role } from '../src/auth/role.js';
import type { Platform } from './platform.js';
import { bearer, Visitor } from './visitor.js';

/** Somebody with an account, logged in. */
export class TestUser extends Visitor {
  constructor(
    platform: Platform,
    readonly id: string,
    readonly email: string,
    readonly password: string,
    readonly tokens: Tokens,
  ) {
    super(() => platform.url, bearer(tokens.access_token));
  }
}

export interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly session_id: string;
}

let made = 0;

/** Makes a user as an admin does, chooses a password by the link, and logs in. */
export async function newUser(platform: Platform, role: Role): Promise<TestUser> {
  made += 1;
  const email = `${role}-${made}@people.test`;
  const password = `what number ${made} remembers`;
  const created = await platform.postJson('/api/v1/users', { email, role });
  const { user_id, password_link } = JSON.parse(await textOf(created, 201));
  const choice = { token: password_link.token, new_password: password };
  await textOf(await platform.as().postJson('/api/v1/auth/reset-password/confirm', choice), 204);
  return new TestUser(platform, user_id, email, password, await logIn(platform, email, password));
}

export async function logIn(platform: Platform, email: string, password: string): Promise<Tokens> {
  return JSON.parse(await textOf(await platform.as().postJson('/api/v1/auth/login', { email, password }), 200));
}

/** An API key of this user. */
export async function newKey(user: Visitor, scopes: readonly string[]): Promise<string> {
  return JSON.parse(await textOf(await user.postJson('/api/v1/keys', { name: 'a key', scopes }), 201)).key;
}

async function textOf(response: Response, status: number): Promise<string> {
  const text = await response.text();
  if (response.status !== status) throw new Error(`Expected ${status}, but got ${response.status}: ${text}`);
  return text;
}
