import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { COMBINATIONS } from '../combinations.js';
import { multipart, type Part } from '../multipart.js';
import type { Platform } from '../platform.js';
import { RawConnection, requestHead } from '../raw-http.js';
import { until } from '../conditions.js';
import { listFiles, listTasks } from './client.js';
import { type Grounded, startOn } from './grounds.js';

const ECHO = '/api/v1/tools/echo/process';
const HASH = '/api/v1/tools/file-hash/process';
const FILES = '/api/v1/files';

const code = async (response: Response) => ((await response.json()) as { error: { code: string } }).error.code;

/** The simplest ground, and the one that differs most. */
const GROUNDS = COMBINATIONS.filter(({ name }) => /SQLite and the embedded|PostgreSQL and Bull/.test(name));

describe.each(GROUNDS)('Idempotency-Key on $name', (combination) => {
  let grounded: Grounded;
  let platform: Platform;
  beforeAll(async () => {
    grounded = await startOn(combination);
    platform = grounded.platform;
  });
  afterAll(() => grounded[Symbol.asyncDispose]());

  const echo = (key: string, message = 'hello', path = ECHO) =>
    platform.postJson(path, { options: { message } }, { 'idempotency-key': key });
  const form = (key: string, parts: readonly Part[], boundary: string, path = HASH) => {
    const { contentType, body } = multipart(parts);
    const own = body.toString('latin1').replaceAll('toolyard-test-boundary', boundary);
    return platform.post(path, {
      body: Buffer.from(own, 'latin1'),
      headers: {
        'content-type': contentType.replace('toolyard-test-boundary', boundary),
        'idempotency-key': key,
      },
    });
  };
  const tagged = async (tag: string) => (await listTasks(platform, `?tag=${tag}`)).data.length;
  const fileCount = async () => (await listFiles(platform, '?limit=200')).data.length;
  const FILE: Part = { name: 'file', filename: 'a.txt', content: 'some text' };

  it('answers the same request with the same task', async () => {
    const first = await echo('repeat');
    const second = await echo('repeat');

    expect([first.status, second.status]).toEqual([202, 202]);
    expect(await second.text()).toBe(await first.text());
    expect(second.headers.get('location')).toBe(first.headers.get('location'));
    expect(second.headers.get('retry-after')).toBe('1');
    expect(first.headers.get('idempotency-replayed')).toBeNull();
    expect(second.headers.get('idempotency-replayed')).toBe('true');
  });

  it('makes one task of fifty requests at once', async () => {
    const body = { options: { message: 'many' }, tag: 'fifty' };
    const ask = () => platform.postJson(ECHO, body, { 'idempotency-key': 'fifty' });

    const answers = await Promise.all(Array.from({ length: 50 }, ask));

    expect(await tagged('fifty')).toBe(1);
    const made = answers.filter(({ status, headers }) => status === 202 && !headers.has('idempotency-replayed'));
    expect(made).toHaveLength(1);
    for (const answer of answers) {
      if (answer.status === 202) continue;
      expect(answer.status).toBe(409);
      expect(answer.headers.get('retry-after')).toBe('2');
      expect(await code(answer)).toBe('idempotency_in_progress');
    }
    expect((await ask()).headers.get('idempotency-replayed')).toBe('true');
  });

  it('refuses the key for another request', async () => {
    await echo('other');

    for (const answer of [await echo('other', 'something else'), await echo('other', 'hello', HASH)]) {
      expect(answer.status).toBe(422);
      expect(await code(answer)).toBe('idempotency_key_reused');
    }
  });

  it('takes files into account, but not how the form is written', async () => {
    const first = await form('form', [FILE], 'one-boundary');
    const before = await fileCount();
    const again = await form('form', [FILE], 'another-boundary');
    const other = await form('form', [{ ...FILE, content: 'other text' }], 'one-boundary');
    const longer = await form('form', [{ ...FILE, content: 'some text and much more of it' }], 'one-boundary');
    const more = await form('form', [FILE, { name: 'tag', content: 'tagged' }], 'one-boundary');

    expect(first.status).toBe(202);
    expect(await again.text()).toBe(await first.text());
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect([other.status, longer.status, more.status]).toEqual([422, 422, 422]);
    expect(await fileCount()).toBe(before);
  });

  it('stores a file once, sent as a form or as the body', async () => {
    const before = await fileCount();
    const upload = (bytes: string) =>
      platform.post(FILES, { body: Buffer.from(bytes), headers: { 'idempotency-key': 'raw' } });
    const answers = [
      await form('upload', [FILE], 'one-boundary', FILES),
      await form('upload', [FILE], 'another-boundary', FILES),
      await upload('some bytes'),
      await upload('some bytes'),
    ];

    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201]);
    expect(answers.map(({ headers }) => headers.get('idempotency-replayed'))).toEqual([null, 'true', null, 'true']);
    expect((await upload('other bytes')).status).toBe(422);
    expect(await fileCount()).toBe(before + 2);
  });

  it('keeps no answer to a request that was refused', async () => {
    const refused = await platform.postJson(ECHO, { options: { nonsense: 1 } }, { 'idempotency-key': 'refused' });
    const accepted = await echo('refused');

    expect(refused.status).toBe(422);
    expect(await code(refused)).toBe('invalid_options');
    expect(accepted.status).toBe(202);
    expect(accepted.headers.has('idempotency-replayed')).toBe(false);
  });

  it('says so while the first request is still being answered', async () => {
    await using slow = await RawConnection.open(platform.url);
    const head = { ...platform.credentials, 'Idempotency-Key': 'slow', 'Content-Length': 10 };
    await slow.send(requestHead('POST', FILES, head));
    await slow.send('12345');
    await slow.settled();
    const again = () =>
      platform.post(FILES, { body: Buffer.from('1234567890'), headers: { 'idempotency-key': 'slow' } });

    const busy = await until(async () => [await again()].find(({ status }) => status === 409), {
      describe: 'the slow request has the key',
    });
    expect(await code(busy)).toBe('idempotency_in_progress');

    await slow.send('67890');
    expect((await slow.response()).status).toBe(201);
    expect((await again()).headers.get('idempotency-replayed')).toBe('true');
  });

  it('gives the key back when the client of an upload goes away', async () => {
    await using slow = await RawConnection.open(platform.url);
    const head = { ...platform.credentials, 'Idempotency-Key': 'gone', 'Content-Length': 10 };
    await slow.send(requestHead('POST', FILES, head));
    await slow.send('12345');
    await slow.settled();
    slow.reset();

    const again = () =>
      platform.post(FILES, { body: Buffer.from('1234567890'), headers: { 'idempotency-key': 'gone' } });
    const stored = await until(async () => [await again()].find(({ status }) => status === 201), {
      describe: 'the key is free',
    });
    expect(stored.headers.has('idempotency-replayed')).toBe(false);
  });

  it.each(['', 'x'.repeat(256), 'caf\u00e9'])('refuses the key %j', async (key) => {
    const answer = await echo(key);

    expect(answer.status).toBe(400);
    expect(await code(answer)).toBe('invalid_request');
  });
});
