import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '../conditions.js';
import { type Platform, startPlatform } from '../platform.js';
import { newUser } from '../users.js';
import { queryRows } from '../sqlite.js';
import type { Visitor } from '../visitor.js';
import { download } from './client.js';
import { storedFiles } from './traces.js';

const VERSION = { 'tus-resumable': '1.0.0' };
const PIECE = { ...VERSION, 'content-type': 'application/offset+octet-stream' };

const named = (name: string): Record<string, string> => ({
  'upload-metadata': `filename ${Buffer.from(name).toString('base64')}`,
});

let platform: Platform;

beforeAll(async () => {
  platform = await startPlatform({ env: { MAX_UPLOAD_BYTES: '10000000' } });
});
afterAll(() => platform[Symbol.asyncDispose]());

const begin = (length: number, headers: Record<string, string> = {}, by: Visitor | Platform = platform) =>
  by.post('/api/v1/uploads', { headers: { ...VERSION, 'upload-length': String(length), ...headers } });

const begun = async (length: number, name = 'a.bin', by: Visitor | Platform = platform): Promise<string> => {
  const response = await begin(length, named(name), by);
  expect(response.status).toBe(201);
  return response.headers.get('location') ?? '';
};

const send = (path: string, offset: number, bytes: Buffer, headers: Record<string, string> = {}) =>
  platform.send('PATCH', path, {
    body: new Uint8Array(bytes),
    headers: { ...PIECE, 'upload-offset': String(offset), ...headers },
  });

const offsetOf = async (path: string): Promise<number> => {
  const response = await platform.send('HEAD', path, { headers: VERSION });
  expect(response.status).toBe(200);
  return Number(response.headers.get('upload-offset'));
};

const idOf = (path: string): string => path.split('/').at(-1) ?? '';
const sha1 = (bytes: Buffer): string => `sha1 ${createHash('sha1').update(bytes).digest('base64')}`;
const codeOf = async (response: Response): Promise<unknown> => ({
  status: response.status,
  code: JSON.parse(await response.text()).error.code,
});

describe('an upload in pieces', () => {
  it('becomes a file of the same bytes', async () => {
    const bytes = randomBytes(300_000);
    const path = await begun(bytes.length, 'Grüße.bin');

    for (const [from, to] of [
      [0, 1],
      [1, 4_099],
      [4_099, 4_101],
      [4_101, 200_000],
      [200_000, 300_000],
    ] as const) {
      await expect(offsetOf(path)).resolves.toBe(from);
      const response = await send(path, from, bytes.subarray(from, to));
      expect([response.status, response.headers.get('upload-offset')]).toEqual([204, String(to)]);
    }

    const file = await (await platform.get(`/api/v1/files/${idOf(path)}`)).json();
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    expect(file).toMatchObject({ name: 'Grüße.bin', size: 300_000, sha256 });
    await expect(download(platform, idOf(path))).resolves.toEqual(bytes);
    await expect(offsetOf(path)).resolves.toBe(bytes.length);
  });

  it('may bring the first piece when it is begun', async () => {
    const response = await platform.post('/api/v1/uploads', {
      body: 'all of it\n',
      headers: { ...PIECE, ...named('a.txt'), 'upload-length': '10' },
    });

    expect([response.status, response.headers.get('upload-offset')]).toEqual([201, '10']);
    const id = idOf(response.headers.get('location') ?? '');
    expect(String(await download(platform, id))).toBe('all of it\n');
  });

  it('says what of tus is offered', async () => {
    const response = await platform.send('OPTIONS', '/api/v1/uploads');

    expect(response.status).toBe(204);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'tus-version': '1.0.0',
      'tus-extension': 'creation,creation-with-upload,termination,expiration,checksum',
      'tus-max-size': '10000000',
      'tus-checksum-algorithm': 'sha1,sha256,sha512,md5',
    });
  });

  it('tells when it expires, and what was said of it', async () => {
    const response = await begin(10, named('a.txt'));
    const path = response.headers.get('location') ?? '';

    const hours = (Date.parse(response.headers.get('upload-expires') ?? '') - Date.now()) / 3_600_000;
    expect(hours).toBeGreaterThan(23.9);
    expect(hours).toBeLessThan(24.1);
    const head = await platform.send('HEAD', path, { headers: VERSION });
    expect(head.headers.get('upload-metadata')).toBe(named('a.txt')['upload-metadata']);
    expect(head.headers.get('cache-control')).toBe('no-store');
  });
});

describe('is refused', () => {
  it('by its type at the first 4 KiB, and leaves nothing', async () => {
    const path = await begun(1_000_000, 'photo.jpg');
    const before = (await storedFiles(platform)).length;

    const answer = await send(path, 0, Buffer.from('%PDF-1.7\n'.padEnd(5_000, ' ')));

    expect(await codeOf(answer)).toEqual({ status: 415, code: 'file_type_mismatch' });
    expect(await storedFiles(platform)).toHaveLength(before);
    expect((await platform.send('HEAD', path, { headers: VERSION })).status).toBe(410);
    expect((await platform.get(`/api/v1/files/${idOf(path)}`)).status).toBe(404);
  });

  it.each([
    ['empty', { 'upload-length': '0' }, 422, 'file_empty'],
    ['too large', { 'upload-length': '10000001' }, 413, 'file_too_large'],
    ['of no length', { 'upload-length': '' }, 400, 'invalid_request'],
    ['of a length to be told', { 'upload-length': '', 'upload-defer-length': '1' }, 400, 'invalid_request'],
    ['in another version', { 'upload-length': '10', 'tus-resumable': '0.2.2' }, 412, 'upload_version_unknown'],
    ['with words that cannot be read', { 'upload-length': '10', 'upload-metadata': 'a b c' }, 400, 'invalid_request'],
  ])('when it is begun %s', async (_, headers, status, code) => {
    const given = Object.fromEntries(Object.entries({ ...VERSION, ...headers }).filter(([, value]) => value !== ''));

    const answer = await platform.post('/api/v1/uploads', { headers: given });

    expect(answer.headers.get('tus-version')).toBe(status === 412 ? '1.0.0' : null);
    expect(await codeOf(answer)).toEqual({ status, code });
  });

  it('where a piece does not begin where the bytes end', async () => {
    const path = await begun(10);
    await send(path, 0, Buffer.from('1234'));

    expect(await codeOf(await send(path, 3, Buffer.from('45')))).toEqual({ status: 409, code: 'upload_offset_wrong' });
    await expect(offsetOf(path)).resolves.toBe(4);
  });

  it('where a piece has more than was announced', async () => {
    const path = await begun(5);

    expect(await codeOf(await send(path, 0, Buffer.from('123456')))).toEqual({ status: 413, code: 'file_too_large' });
    expect((await platform.get(`/api/v1/files/${idOf(path)}`)).status).toBe(404);
  });

  it('where the body says that it is something else', async () => {
    const path = await begun(5);
    const answer = await send(path, 0, Buffer.from('12345'), { 'content-type': 'application/octet-stream' });

    expect(await codeOf(answer)).toEqual({ status: 415, code: 'unsupported_media_type' });
  });

  it('to everybody but its owner, whose request goes on', async () => {
    const path = await begun(10);
    const other = await newUser(platform, 'user');

    const answers = await Promise.all(
      ['HEAD', 'PATCH', 'DELETE'].map((method) =>
        other.send(method, path, { headers: method === 'PATCH' ? { ...PIECE, 'upload-offset': '0' } : VERSION }),
      ),
    );

    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404]);
    await expect(offsetOf(path)).resolves.toBe(0);
  });
});

describe('a checksum', () => {
  it('that does not fit takes the piece back, and only the piece', async () => {
    const path = await begun(10);
    await send(path, 0, Buffer.from('1234'), { 'upload-checksum': sha1(Buffer.from('1234')) });

    const answer = await send(path, 4, Buffer.from('567890'), { 'upload-checksum': sha1(Buffer.from('x')) });

    expect(await codeOf(answer)).toEqual({ status: 460, code: 'upload_checksum_wrong' });
    await expect(offsetOf(path)).resolves.toBe(4);
    expect((await send(path, 4, Buffer.from('567890'))).status).toBe(204);
    expect(String(await download(platform, idOf(path)))).toBe('1234567890');
  });

  it('of an unknown kind is refused before a byte is read', async () => {
    const path = await begun(10);

    const answer = await send(path, 0, Buffer.from('1234'), { 'upload-checksum': 'crc32 AAAA' });

    expect(await codeOf(answer)).toEqual({ status: 400, code: 'invalid_request' });
    await expect(offsetOf(path)).resolves.toBe(0);
  });
});

describe('the end', () => {
  it('of an upload that is given up takes its bytes along', async () => {
    const path = await begun(10);
    await send(path, 0, Buffer.from('1234'));
    const before = (await storedFiles(platform)).length;

    const answer = await platform.delete(path, { headers: VERSION });

    expect(answer.status).toBe(204);
    expect(await storedFiles(platform)).toHaveLength(before - 1);
    expect((await platform.send('HEAD', path, { headers: VERSION })).status).toBe(404);
  });

  it('of an upload that is finished removes the file', async () => {
    const path = await begun(4);
    await send(path, 0, Buffer.from('1234'));

    expect((await platform.delete(path, { headers: VERSION })).status).toBe(204);
    expect((await platform.get(`/api/v1/files/${idOf(path)}`)).status).toBe(404);
  });

  it('comes by itself when nobody continues it', async () => {
    await using platform = await startPlatform({ env: { UPLOAD_TTL_HOURS: '0.0003' } });
    const path = (await begin(10, named('a.txt'), platform)).headers.get('location') ?? '';
    await platform.send('PATCH', path, { body: '1234', headers: { ...PIECE, 'upload-offset': '0' } });
    expect(await storedFiles(platform)).toHaveLength(1);

    const swept = async () =>
      (await storedFiles(platform)).length === 0 && queryRows(platform, 'select id from file').length === 0;
    await until(swept, { timeoutMs: 15_000, describe: 'the bytes and the row of the file are gone' });
    expect((await platform.send('HEAD', path, { headers: VERSION })).status).toBe(410);
  });
});

describe('a connection that ends', () => {
  it('keeps what came, and a newer one takes over from one that stands still', async () => {
    const path = await begun(10);
    const stuck = Promise.withResolvers<void>();
    const body = Readable.toWeb(
      Readable.from(
        (async function* () {
          yield Buffer.from('1234');
          await stuck.promise;
        })(),
      ),
    );
    const init = { body, duplex: 'half', headers: { ...PIECE, 'upload-offset': '0' } } as RequestInit;
    const old = platform.send('PATCH', path, init).catch(() => undefined);
    const size = () => queryRows(platform, 'select id from file').length > 0 && offsetOf(path);

    await until(async () => (await size()) === 4, { describe: 'the piece is here' });
    expect((await send(path, 4, Buffer.from('567890'))).status).toBe(204);
    stuck.resolve();
    await old;

    expect(String(await download(platform, idOf(path)))).toBe('1234567890');
  });
});

describe('a quota of bytes', () => {
  it('counts what was begun', async () => {
    await using platform = await startPlatform({ env: { QUOTA_BYTES: '1000' } });
    expect((await begin(600, {}, platform)).status).toBe(201);

    expect(await codeOf(await begin(600, {}, platform))).toEqual({ status: 413, code: 'storage_quota_exceeded' });
  });
});
