import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ADMIN, type Platform, startPlatform } from '../platform.js';
import { changeRows, queryRows } from '../sqlite.js';
import { logIn, newUser } from '../users.js';
import { bearer } from '../visitor.js';
import { listFiles, upload } from './client.js';
import { problemOf } from './problem.js';

const SETUP = '/api/v1/auth/setup';
const NOBODY = { ADMIN_EMAIL: '', ADMIN_PASSWORD: '' };
const newcomer = { email: 'ada@people.test', password: 'an engine that weaves' };

const links = (platform: Platform): string[] =>
  [...platform.logs().matchAll(/\S+\/setup#token=([\w-]+)/g)].map(([, token]) => token ?? '');

describe('the first start', () => {
  it('without an admin prints a link, once, with which the first admin is made', async () => {
    await using platform = await startPlatform({ env: NOBODY });
    const [token, ...more] = links(platform);

    const response = await platform.as().postJson(SETUP, { token, ...newcomer });

    expect(more).toEqual([]);
    expect(response.status).toBe(201);
    await expect(response.json()).resolves.toMatchObject({ email: newcomer.email, role: 'admin' });
    const { access_token } = await logIn(platform, newcomer.email, newcomer.password);
    expect((await platform.as(bearer(access_token)).get('/api/v1/users')).status).toBe(200);
    expect(queryRows(platform, 'select hash from one_time_link where hash = ?', token ?? '')).toEqual([]);
  });

  it('makes one admin, whoever else has the link', async () => {
    await using platform = await startPlatform({ env: NOBODY });
    const [token] = links(platform);
    const setUp = (index: number) =>
      platform.as().postJson(SETUP, { token, ...newcomer, email: `admin-${index}@people.test` });

    const answers = await Promise.all([1, 2, 3, 4].map(setUp));

    expect(answers.map(({ status }) => String(status)).toSorted()).toEqual(['201', '410', '410', '410']);
    expect(queryRows(platform, 'select id from account')).toHaveLength(1);
  });

  it('keeps the link when what is sent with it is not accepted, and lets nobody guess it', async () => {
    await using platform = await startPlatform({ env: NOBODY });
    const [token] = links(platform);

    const refusals = [
      await platform.as().postJson(SETUP, { ...newcomer, token: 'guess' }),
      await platform.as().postJson(SETUP, { ...newcomer, token, password: 'short' }),
      await platform.as().postJson(SETUP, { ...newcomer, token, role: 'admin' }),
      await platform.as().postJson(SETUP, { ...newcomer, token: { $ne: '' } }),
    ];

    expect(refusals.map(({ status }) => status)).toEqual([410, 422, 400, 400]);
    expect((await platform.as().postJson(SETUP, { ...newcomer, token })).status).toBe(201);
  });

  it('prints a link that works for an hour; the next start prints another', async () => {
    await using platform = await startPlatform({ env: NOBODY });
    const [token] = links(platform);
    const [row] = queryRows(platform, 'select expires_at from one_time_link');
    expect(Number(row?.['expires_at']) - Date.now()).toBeLessThanOrEqual(3_600_000);
    expect(Number(row?.['expires_at']) - Date.now()).toBeGreaterThan(3_500_000);

    changeRows(platform, 'update one_time_link set expires_at = ?', Date.now() - 1);
    const late = await platform.as().postJson(SETUP, { token, ...newcomer });
    await platform.stop();
    await platform.process('all').start();
    const second = links(platform).find((other) => other !== token);

    await expect(problemOf(late)).resolves.toMatchObject({ status: 410, error: { code: 'link_not_valid' } });
    expect((await platform.as().postJson(SETUP, { token: second, ...newcomer })).status).toBe(201);
    await platform.stop();
    await platform.process('all').start();
    expect(new Set(links(platform)).size).toBe(2);
  });

  it('makes the admin that the configuration names, and never again', async () => {
    await using platform = await startPlatform();
    expect(links(platform)).toEqual([]);
    const { access_token } = await logIn(platform, ADMIN.email, ADMIN.password);
    const change = { current_password: ADMIN.password, new_password: newcomer.password };
    await platform.as(bearer(access_token)).postJson('/api/v1/auth/change-password', change);

    await platform.stop();
    await platform.process('all').start();

    await expect(logIn(platform, ADMIN.email, ADMIN.password)).rejects.toThrow('401');
    await expect(logIn(platform, ADMIN.email, newcomer.password)).resolves.toBeDefined();
    expect(platform.logs()).not.toContain(ADMIN.password);
  });

  it.each(['toolyard', 'password1234567', 'admin@toolyard.test!'])('does not take %j for the admin', async (word) => {
    const starting = startPlatform({ env: { ADMIN_EMAIL: ADMIN.email, ADMIN_PASSWORD: word }, readyMs: 10_000 });

    const fault = String(await starting.catch((error: unknown) => error));

    expect(fault).toContain('ADMIN_PASSWORD is not accepted: The password');
    expect(fault).not.toContain(`${word}\n`);
  });

  it('takes the link back when there is an admin by another way', async () => {
    await using platform = await startPlatform({ env: NOBODY });
    const [token] = links(platform);
    await platform.stop();
    await platform.start('all', { ADMIN_EMAIL: ADMIN.email, ADMIN_PASSWORD: ADMIN.password });

    const { url } = platform.processes[1] ?? platform;
    const response = await fetch(url + SETUP, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token, ...newcomer }),
    });

    expect(response.status).toBe(410);
    expect(queryRows(platform, 'select email from account')).toEqual([{ email: ADMIN.email }]);
  });

  it('gives the first admin what was made while there were no accounts', async () => {
    await using platform = await startPlatform();
    const { file_id } = await upload(platform, 'old.txt', 'from before\n');
    changeRows(platform, `update file set owner = 'local'`);
    await expect(listFiles(platform)).resolves.toMatchObject({ data: [] });

    await platform.stop();
    await platform.process('all').start();

    await expect(listFiles(platform)).resolves.toMatchObject({ data: [{ file_id }] });
  });

  it('gives it to the first admin who is made by the link, too', async () => {
    await using platform = await startPlatform({ env: NOBODY });
    const [token] = links(platform);
    const columns = 'id, owner, name, type, extension, size, sha256, created_at, stored_at, expires_at';
    const times = [Date.now(), Date.now(), Date.now() + 3_600_000];
    const values = ['019a0000-0000-7000-8000-000000000000', 'local', 'a', 'text/plain', 'txt', 1, 'd', ...times];
    changeRows(platform, `insert into file (${columns}) values (${values.map(() => '?').join(', ')})`, ...values);

    await platform.as().postJson(SETUP, { token, ...newcomer });

    const { access_token } = await logIn(platform, newcomer.email, newcomer.password);
    await expect(listFiles(platform.as(bearer(access_token)))).resolves.toMatchObject({ data: [{ name: 'a' }] });
  });

  it('makes a secret for tokens, which nobody else can read and which stays', async () => {
    await using platform = await startPlatform({ env: { JWT_SECRET: '' } });
    const path = join(platform.dataDir, 'jwt-secret');
    const [secret, { mode }] = [await readFile(path, 'utf8'), await stat(path)];
    const user = await newUser(platform, 'user');

    await platform.stop();
    await platform.process('all').start();

    expect(Buffer.from(secret, 'base64url')).toHaveLength(32);
    expect(mode & 0o777).toBe(0o600);
    await expect(readFile(path, 'utf8')).resolves.toBe(secret);
    expect((await user.get('/api/v1/auth/profile')).status).toBe(200);
    expect(platform.logs()).not.toContain(secret);
  });
});
