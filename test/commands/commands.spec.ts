import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { until } from '../conditions.js';
import { ADMIN, type Platform, startPlatform } from '../platform.js';
import { changeRows, queryRows } from '../sqlite.js';
import { logIn } from '../users.js';
import { bearer } from '../visitor.js';
import { upload } from '../flows/client.js';
import { storedFiles } from '../flows/traces.js';
import { onBusyMachine } from '../time.limits.js';

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
const PASSWORD = 'from the command line';

const idOf = (row: Readonly<Record<string, unknown>> | undefined): string =>
  typeof row?.['id'] === 'string' ? row['id'] : '';

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'toolyard-commands-'));
});
afterEach(() => rm(directory, { recursive: true }));

/** Gives a command, in a directory of its own and a clean environment. */
function toolyard(args: readonly string[], env: Record<string, string>, input = ''): Promise<Outcome> {
  const { promise, resolve } = Promise.withResolvers<Outcome>();
  const clean = { PATH: process.env['PATH'] ?? '', ...env };
  const child = execFile(process.execPath, [CLI, ...args], { env: clean, cwd: directory }, (error, out, err) =>
    resolve({ code: error ? Number(error.code) : 0, out, err }),
  );
  child.stdin?.end(input);
  return promise;
}

describe('the commands beside a running server', () => {
  let platform: Platform;
  let env: Record<string, string>;
  beforeAll(async () => {
    platform = await startPlatform({ env: { ADMIN_EMAIL: '', ADMIN_PASSWORD: '' } });
    env = { DATA_DIR: platform.dataDir };
  });
  afterAll(() => platform[Symbol.asyncDispose]());

  it('make the first admin, who can log in at once', async () => {
    const { code, out } = await toolyard(['user', 'create', '--admin', ADMIN.email], env, `${PASSWORD}\nmore\n`);

    expect({ code, out }).toEqual({ code: 0, out: `The admin ${ADMIN.email} can log in.\n` });
    await expect(logIn(platform, ADMIN.email, PASSWORD)).resolves.toBeDefined();
    const [token] = /(?<=#token=)[\w-]+/.exec(platform.logs()) ?? [];
    const newcomer = { token, email: 'late@people.test', password: PASSWORD };
    expect((await platform.as().postJson('/api/v1/auth/setup', newcomer)).status).toBe(410);
  });

  it('make a key that works, and revoke it', async () => {
    const made = await toolyard(['key', 'create', ADMIN.email, '--name', 'mine', '--days', '1'], env);
    const key = made.out.trim();
    const [row] = queryRows(platform, `select id, expires_at from api_key where name = 'mine'`);
    const [poor, strange] = [
      await toolyard(['key', 'create', ADMIN.email, '--scopes', 'users:manage,tools:read'], env),
      await toolyard(['key', 'create', ADMIN.email, '--scopes', 'everything'], env),
    ];
    const before = (await platform.as({ 'x-api-key': key }).get('/api/v1/tools')).status;
    const users = (await platform.as(bearer(poor.out.trim())).get('/api/v1/users')).status;

    const [revoked, again] = [
      await toolyard(['key', 'revoke', idOf(row)], env),
      await toolyard(['key', 'revoke', 'nonsense'], env),
    ];

    expect(made.out).toMatch(/^ty_live_\w{36}\n$/);
    expect(Number(row?.['expires_at'])).toBeLessThanOrEqual(Date.now() + 86_400_000);
    expect([before, users, revoked.code, again.code, strange.code]).toEqual([200, 200, 0, 1, 1]);
    expect(queryRows(platform, 'select id from api_key where revoked_at is not null')).toHaveLength(1);
    const madeBy = `select distinct action, actor_id from audit_event where action in ('user_create', 'key_create')`;
    expect(queryRows(platform, `${madeBy} order by action`)).toEqual([
      { action: 'key_create', actor_id: null },
      { action: 'user_create', actor_id: null },
    ]);
  });

  it('make a user who chooses a password with a link, and another link later', async () => {
    const made = await toolyard(['user', 'create', 'ada@people.test', '--role', 'viewer', '--link'], env);
    const again = await toolyard(['user', 'reset-link', 'ADA@people.test'], env);
    const tokens = [made, again].map(({ out }) => /\/password#token=([\w-]{43})\n/.exec(out)?.[1]);
    const choose = (token: string | undefined) =>
      platform.as().postJson('/api/v1/auth/reset-password/confirm', { token, new_password: PASSWORD });

    const answers = [await choose(tokens[0]), await choose(tokens[1])];

    expect(answers.map(({ status }) => status)).toEqual([410, 204]);
    await expect(logIn(platform, 'ada@people.test', PASSWORD)).resolves.toBeDefined();
  });

  it('list users, and disable one, but not the last admin', async () => {
    await toolyard(['user', 'create', 'eve@people.test'], env, PASSWORD);
    const eve = bearer((await logIn(platform, 'eve@people.test', PASSWORD)).access_token);
    expect((await platform.as(eve).get('/api/v1/tools')).status).toBe(200);

    const disabled = await toolyard(['user', 'disable', 'eve@people.test'], env);
    const admin = await toolyard(['user', 'disable', ADMIN.email], env);
    const { out } = await toolyard(['user', 'list'], env);

    expect([disabled.code, admin.code]).toEqual([0, 1]);
    expect(admin.err).toMatch(/^Nobody could manage users/);
    expect(out.split('\n')).toEqual(
      expect.arrayContaining(['eve@people.test\tuser\tdisabled', `${ADMIN.email}\tadmin\tactive`]),
    );
    await expect(logIn(platform, 'eve@people.test', PASSWORD)).rejects.toThrow('401');
    await until(async () => (await platform.as(eve).get('/api/v1/tools')).status === 401, {
      timeoutMs: onBusyMachine(10_000),
      describe: 'the server knows that the user is disabled',
    });
  });

  it.each([
    ['an address that is none', ['user', 'create', 'nobody'], PASSWORD],
    ['an address that is taken', ['user', 'create', ADMIN.email], PASSWORD],
    ['a role that does not exist', ['user', 'create', 'a@people.test', '--role', 'boss'], PASSWORD],
    ['a password that is too short', ['user', 'create', 'a@people.test'], 'short\n'],
    ['no password', ['user', 'create', 'a@people.test'], ''],
    ['nobody', ['user', 'disable', 'nobody@people.test'], ''],
  ])('refuse %s in a sentence', async (_, args, input) => {
    const { code, out, err } = await toolyard(args, env, input);

    expect(code).toBe(1);
    expect(out).toBe('');
    expect(err).toMatch(/^\S.*\.\n$/);
    expect(err).not.toMatch(/\n\s+at /);
  });

  it('remove what has expired', async () => {
    const key = (await toolyard(['key', 'create', ADMIN.email], env)).out.trim();
    await upload(platform.as(bearer(key)), 'old.txt', 'old\n');
    await platform.stop();
    changeRows(platform, 'update file set expires_at = ?', Date.now() - 1);

    const { out } = await toolyard(['sweep'], env);

    expect(out).toBe('Removed: files 1, tasks 0.\n');
    await expect(storedFiles(platform)).resolves.toEqual([]);
  });
});

describe('the commands about the configuration', () => {
  it('say that it is valid, and start nothing', async () => {
    const { code, out } = await toolyard(['config', 'check'], { DATA_DIR: directory });

    expect({ code, out }).toEqual({ code: 0, out: 'The configuration is valid.\n' });
    await expect(readdir(directory)).resolves.toEqual([]);
  });

  it('say everything that is wrong', async () => {
    const { code, err } = await toolyard(['config', 'check'], { PORT: 'x', ADMIN_EMAIL: 'me@people.test' });

    expect(code).toBe(1);
    expect(err).toContain('PORT must be a number');
    expect(err).toContain('ADMIN_PASSWORD is needed with ADMIN_EMAIL');
  });

  it('show every setting and no secret', async () => {
    const env = { JWT_SECRET: 'a secret that nobody must ever see', REGISTRATION: 'open' };

    const { out } = await toolyard(['config', 'print'], env);

    expect(out).toContain('REGISTRATION=open\n');
    expect(out).toContain('JWT_SECRET=(secret)\n');
    expect(out).toContain('SMTP_URL=\n');
    expect(out).not.toContain(env.JWT_SECRET);
  });
});
