import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '../conditions.js';
import { type LetterBox, openLetterBox } from '../mail/letter.box.js';
import { type Platform, startPlatform } from '../platform.js';
import { changeRows } from '../sqlite.js';
import { logIn, newUser } from '../users.js';
import { problemOf } from './problem.js';

const AUTH = '/api/v1/auth';
const NEXT = 'something else to remember';

let box: LetterBox;
let platform: Platform;

beforeAll(async () => {
  box = await openLetterBox();
  const env = { SMTP_URL: box.url, MAIL_FROM: 'toolyard@people.test', PUBLIC_URL: 'https://tools.example.org/' };
  platform = await startPlatform({ env: { ...env, REGISTRATION: 'open' } });
});
afterAll(async () => {
  await platform[Symbol.asyncDispose]();
  await box[Symbol.asyncDispose]();
});

const ask = (email: string): Promise<Response> => platform.as().postJson(`${AUTH}/reset-password`, { email });
const choose = (token: string, new_password: string): Promise<Response> =>
  platform.as().postJson(`${AUTH}/reset-password/confirm`, { token, new_password });

/** The token in the letter that goes to this address now. */
const tokenFor = async (email: string): Promise<string> => {
  const before = box.letters.length;
  expect((await ask(email)).status).toBe(202);
  const letter = await until(() => box.letters.slice(before).find((text) => text.includes(`To: ${email}`)), {
    describe: 'the letter has come',
  });
  const text = letter.replaceAll('=\r\n', '').replaceAll('=3D', '=');
  return /https:\/\/tools\.example\.org\/password#token=([\w-]{43})\s/.exec(text)?.[1] ?? '';
};

describe('a user who has forgotten the password', () => {
  it('is mailed a link with which another is chosen, and every session ends', async () => {
    const user = await newUser(platform, 'user');
    const token = await tokenFor(user.email);

    const chosen = await choose(token, NEXT);

    expect(chosen.status).toBe(204);
    expect((await user.get(`${AUTH}/profile`)).status).toBe(401);
    await expect(logIn(platform, user.email, NEXT)).resolves.toBeDefined();
    await expect(logIn(platform, user.email, user.password)).rejects.toThrow('401');
  });

  it('can use the link once, and only the last of several', async () => {
    const user = await newUser(platform, 'user');
    const [first, second] = [await tokenFor(user.email), await tokenFor(user.email)];

    const answers = [await choose(first, NEXT), await choose(second, NEXT), await choose(second, 'and one thing more')];

    expect(answers.map(({ status }) => status)).toEqual([410, 204, 410]);
  });

  it('can use the link for an hour', async () => {
    const user = await newUser(platform, 'user');
    const token = await tokenFor(user.email);
    changeRows(platform, 'update one_time_link set expires_at = expires_at - 3600000');

    await expect(problemOf(await choose(token, NEXT))).resolves.toMatchObject({
      status: 410,
      error: { code: 'link_not_valid' },
    });
  });

  it('keeps the link when the new password is not accepted', async () => {
    const user = await newUser(platform, 'user');
    const token = await tokenFor(user.email);

    await expect(problemOf(await choose(token, 'too short'))).resolves.toMatchObject({
      status: 422,
      error: { code: 'password_not_accepted', message: 'The password must have at least 15 characters.' },
    });
    expect((await choose(token, NEXT)).status).toBe(204);
  });

  it('hears the same as somebody who has no account, who is mailed nothing', async () => {
    const before = box.letters.length;
    const user = await newUser(platform, 'user');

    const unknown = await ask('nobody@people.test');
    await tokenFor(user.email);

    expect([unknown.status, await unknown.text()]).toEqual([202, '']);
    const links = box.letters.slice(before).filter((text) => text.includes('Subject: A new password'));
    expect(links).toHaveLength(1);
  });

  it('is mailed no more than five letters an hour', async () => {
    await using platform = await startPlatform({ env: { SMTP_URL: box.url, MAIL_FROM: 'toolyard@people.test' } });
    const ask = () => platform.as().postJson(`${AUTH}/reset-password`, { email: 'nobody@people.test' });

    const answers = [];
    for (let count = 0; count < 6; count++) answers.push((await ask()).status);

    expect(answers).toEqual([202, 202, 202, 202, 202, 429]);
  });

  it('is sent to an admin where no mail can be sent', async () => {
    await using platform = await startPlatform();
    const user = await newUser(platform, 'user');

    const refused = await platform.as().postJson(`${AUTH}/reset-password`, { email: user.email });
    const link = await platform.post(`/api/v1/users/${user.id}/password-link`);
    const { token, url } = JSON.parse(await link.text());
    const chosen = await platform.as().postJson(`${AUTH}/reset-password/confirm`, { token, new_password: NEXT });

    await expect(problemOf(refused)).resolves.toMatchObject({ status: 503, error: { code: 'mail_unavailable' } });
    expect(url).toBe(`${platform.url}/password#token=${token}`);
    expect(chosen.status).toBe(204);
    await expect(logIn(platform, user.email, NEXT)).resolves.toBeDefined();
  });
});

describe('a user who changes the password', () => {
  it('is told of it by mail, without the password', async () => {
    const user = await newUser(platform, 'user');
    const change = { current_password: user.password, new_password: NEXT };
    const before = box.letters.length;

    expect((await user.postJson(`${AUTH}/change-password`, change)).status).toBe(204);

    const letter = await until(() => box.letters.slice(before).find((text) => text.includes(`To: ${user.email}`)), {
      describe: 'the letter has come',
    });
    expect(letter).toContain('Subject: Your password for Toolyard was changed');
    for (const secret of [NEXT, user.password]) expect(letter).not.toContain(secret);
  });

  it('has no use for links to another one any more, and neither has whoever took them', async () => {
    const user = await newUser(platform, 'user');
    const token = await tokenFor(user.email);
    const change = { current_password: user.password, new_password: NEXT };

    expect((await user.postJson(`${AUTH}/change-password`, change)).status).toBe(204);

    expect((await choose(token, 'what the thief remembers')).status).toBe(410);
    await expect(logIn(platform, user.email, NEXT)).resolves.toBeDefined();
  });

  it('must know the current one', async () => {
    const user = await newUser(platform, 'user');
    const change = { current_password: 'not the current one', new_password: NEXT };

    const response = await user.postJson(`${AUTH}/change-password`, change);

    await expect(problemOf(response)).resolves.toMatchObject({ status: 403, error: { code: 'wrong_password' } });
    await expect(logIn(platform, user.email, user.password)).resolves.toBeDefined();
  });

  it.each(['short', 'passwordpassword', 'x'.repeat(129)])('is told why %j is not taken', async (new_password) => {
    const user = await newUser(platform, 'user');

    const response = await user.postJson(`${AUTH}/change-password`, { current_password: user.password, new_password });

    await expect(problemOf(response)).resolves.toMatchObject({ status: 422, error: { code: 'password_not_accepted' } });
  });
});

describe('a registration', () => {
  const newcomer = { email: 'new@people.test', password: 'a wholly new beginning' };

  it('that is open makes a user, and nothing more', async () => {
    const made = await platform.as().postJson(`${AUTH}/register`, newcomer);
    const again = await platform.as().postJson(`${AUTH}/register`, { ...newcomer, email: 'NEW@people.test' });
    const asAdmin = await platform.as().postJson(`${AUTH}/register`, { ...newcomer, role: 'admin' });

    expect(made.status).toBe(201);
    await expect(made.json()).resolves.toMatchObject({ email: newcomer.email, role: 'user' });
    await expect(problemOf(again)).resolves.toMatchObject({ status: 409, error: { code: 'email_taken' } });
    expect(asAdmin.status).toBe(400);
  });

  it('is closed unless the operator opens it', async () => {
    await using platform = await startPlatform();

    const refused = await platform.as().postJson(`${AUTH}/register`, newcomer);
    const invitation = await platform.postJson('/api/v1/users/invitations', { role: 'user' });

    await expect(problemOf(refused)).resolves.toMatchObject({ status: 403, error: { code: 'registration_closed' } });
    await expect(problemOf(invitation)).resolves.toMatchObject({ status: 403, error: { code: 'registration_closed' } });
  });

  it('by invitation is for one who is invited, once', async () => {
    await using platform = await startPlatform({ env: { REGISTRATION: 'invite' } });
    const link = await platform.postJson('/api/v1/users/invitations', { role: 'analyst' });
    const { token: invitation } = JSON.parse(await link.text());
    const register = (more: object) => platform.as().postJson(`${AUTH}/register`, { ...newcomer, ...more });

    const [without, guessed] = [await register({}), await register({ invitation: 'guess' })];
    const weak = await register({ invitation, password: 'short' });
    const invited = await register({ invitation });
    const second = await register({ invitation, email: 'second@people.test' });

    expect([without, guessed, weak, invited, second].map(({ status }) => status)).toEqual([403, 410, 422, 201, 410]);
    await expect(invited.json()).resolves.toMatchObject({ role: 'analyst' });
  });
});
