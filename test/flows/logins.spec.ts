import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Platform, startPlatform } from '../platform.js';
import { newUser, type TestUser } from '../users.js';
import { problemOf } from './problem.js';

const LOGIN = '/api/v1/auth/login';
const WRONG = 'it is not this, whatever it is';

let platform: Platform;

beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(() => platform[Symbol.asyncDispose]());

interface Attempt {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly body: string;
  readonly ms: number;
}

/** From one of the many addresses that a machine has for itself: 127.0.0.0/8. */
function attempt(address: string, email: string, password: string): Promise<Attempt> {
  const { promise, resolve, reject } = Promise.withResolvers<Attempt>();
  const started = performance.now();
  const headers = { 'content-type': 'application/json' };
  const sent = request(platform.url + LOGIN, { method: 'POST', localAddress: address, headers }, (response) => {
    let body = '';
    response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
    response.on('end', () => {
      const { statusCode = 0, headers } = response;
      resolve({ status: statusCode, retryAfter: headers['retry-after'], body, ms: performance.now() - started });
    });
  });
  sent.on('error', reject).end(JSON.stringify({ email, password }));
  return promise;
}

const statuses = (attempts: readonly Attempt[]) => attempts.map(({ status }) => status);
const many = <Value>(count: number, make: (index: number) => Promise<Value>): Promise<Value[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => make(index)));

describe('a login', () => {
  it('gives tokens for the right address and password, in whatever case the address is', async () => {
    const user = await newUser(platform, 'user');

    const response = await platform.as().postJson(LOGIN, {
      email: ` ${user.email.toUpperCase()} `,
      password: user.password,
    });

    expect(response.status).toBe(200);
    expect(response.headers.get('cache-control')).toBe('no-store');
  });

  it('says the same whether there is such a user or not', async () => {
    const user = await newUser(platform, 'user');

    const known = await problemOf(await platform.as().postJson(LOGIN, { email: user.email, password: WRONG }));
    const unknown = await problemOf(
      await platform.as().postJson(LOGIN, { email: 'nobody@people.test', password: WRONG }),
    );

    const { request_id, timestamp, ...rest } = unknown.error;
    expect(known).toEqual({
      ...unknown,
      error: { ...rest, request_id: known.error.request_id, timestamp: known.error.timestamp },
    });
    expect(known.error.code).toBe('invalid_credentials');
    expect([request_id, timestamp]).toEqual([expect.any(String), expect.any(String)]);
  });

  it('takes as long whether there is such a user or not', async () => {
    const users = await many(10, () => newUser(platform, 'user'));
    const emails = users.map(({ email }) => email);

    // What else the machine does can disturb one round; a password that is not hashed shows in each.
    const differences: number[] = [];
    while (differences.length < 3 && !differences.some(isSmall))
      differences.push(await timeDifference(`127.1.${differences.length}`, emails));

    expect(differences.at(-1)).toBeLessThan(0.1);
  });

  it.each<[string, unknown]>([
    ['an operator of a query as the address', { email: { $ne: null }, password: WRONG }],
    ['an operator of a query as the password', { email: 'a@people.test', password: { $gt: '' } }],
    ['a list as the address', { email: ['a@people.test'], password: WRONG }],
    ['a number as the password', { email: 'a@people.test', password: 1 }],
    ['a role beside them', { email: 'a@people.test', password: WRONG, role: 'admin' }],
    ['no password', { email: 'a@people.test' }],
    ['nothing', undefined],
    ['a list', []],
    ['a very long password', { email: 'a@people.test', password: 'x'.repeat(1_001) }],
  ])('is refused with %s', async (_, body) => {
    const response = await platform.as().postJson(LOGIN, body);

    await expect(problemOf(response)).resolves.toMatchObject({ status: 400 });
  });

  it.each(["' or '1'='1", 'admin@toolyard.test\0', 'admin@toolyard.test%', '*', ''])(
    'lets nobody in as %j',
    async (email) => {
      const response = await platform.as().postJson(LOGIN, { email, password: 'every test may know this' });

      await expect(problemOf(response)).resolves.toMatchObject({ status: 401 });
    },
  );
});

describe('attempts to guess', () => {
  it('the password of one account end after ten, also for the right one', async () => {
    const user = await newUser(platform, 'user');
    const source = '127.0.2.1';

    const wrong = await many(10, () => attempt(source, user.email, WRONG));
    const next = await attempt(source, user.email, user.password);

    expect(new Set(statuses(wrong))).toEqual(new Set([401]));
    expect(next.status).toBe(429);
    expect(Number(next.retryAfter)).toBeGreaterThan(0);
    expect(Number(next.retryAfter)).toBeLessThanOrEqual(1_000);
    expect(JSON.parse(next.body)).toMatchObject({ error: { code: 'rate_limited', retryable: true } });
  });

  it('the password of an account that does not exist end alike', async () => {
    const attempts = await many(11, () => attempt('127.0.2.2', 'nobody-at-all@people.test', WRONG));

    expect(statuses(attempts).filter((status) => status === 401)).toHaveLength(10);
    expect(statuses(attempts).filter((status) => status === 429)).toHaveLength(1);
  });

  it('from everywhere end, and do not lock the user out where the user works', async () => {
    const user: TestUser = await newUser(platform, 'user');

    // The first login was one of the fifty.
    const attacks = await many(60, (index) => attempt(`127.0.3.${1 + (index % 12)}`, user.email, WRONG));
    const [stranger, owner] = [
      await attempt('127.0.3.100', user.email, user.password),
      await attempt('127.0.0.1', user.email, user.password),
    ];

    expect(statuses(attacks).filter((status) => status === 401)).toHaveLength(49);
    expect(statuses(attacks).filter((status) => status === 429)).toHaveLength(11);
    expect([stranger.status, owner.status]).toEqual([429, 200]);
  });

  it('many accounts from one place end after a hundred', async () => {
    const attempts = await many(110, (index) => attempt('127.0.4.1', `someone-${index}@people.test`, WRONG));

    expect(statuses(attempts).filter((status) => status === 429)).toHaveLength(10);
  });

  it('are not told apart by what a client says of its address', async () => {
    const body = { email: 'somebody-else@people.test', password: WRONG };

    const attempts = await many(11, (index) =>
      platform.as().postJson(LOGIN, body, {
        'x-forwarded-for': `198.51.100.${index}`,
        'x-real-ip': `198.51.100.${index}`,
        forwarded: `for=198.51.100.${index}`,
      }),
    );

    expect(attempts.filter(({ status }) => status === 429)).toHaveLength(1);
  });
});

function isSmall(difference: number): boolean {
  return difference < 0.1;
}

/**
 * A hundred logins of users and a hundred of nobody, in turns.
 *
 * @param network its first three numbers
 * @returns the difference of the medians, as a part of the greater one
 */
async function timeDifference(network: string, emails: readonly string[]): Promise<number> {
  const times: Record<'known' | 'unknown', number[]> = { known: [], unknown: [] };
  for (let index = 0; index < 100; index++) {
    const address = `${network}.${1 + (index % 20)}`;
    const visitors = [
      ['known', emails[index % emails.length] ?? ''],
      ['unknown', `nobody-${index % 10}@people.test`],
    ] as const;
    for (const [kind, email] of index % 2 ? visitors : visitors.toReversed()) {
      const { status, ms } = await attempt(address, email, WRONG);
      expect(status).toBe(401);
      times[kind].push(ms);
    }
  }
  const [known, unknown] = [median(times.known), median(times.unknown)];
  return Math.abs(known - unknown) / Math.max(known, unknown);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
