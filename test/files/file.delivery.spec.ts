import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Deliverable, FileDelivery } from '../../src/files/file.delivery.js';
import { prepareSqlite, type TestDatabase } from '../database/databases.js';
import { SmallApp } from '../http/small.app.js';
import { filesOf, type TestFiles } from '../worker/files.js';

describe('the delivery of a file', () => {
  let ground: TestDatabase;
  let files: TestFiles;
  let small: SmallApp;
  let url: string;
  let reads: number;

  beforeAll(async () => {
    ground = await prepareSqlite();
    files = await filesOf(ground);
    small = await SmallApp.open();
    const { file_id, ...file } = await files.stored('0123456789', 'digits.txt');
    const deliverable: Deliverable = { ...file, id: file_id };
    const read = files.storage.read.bind(files.storage);
    files.storage.read = (...place) => {
      reads += 1;
      return read(...place);
    };
    const delivery = new FileDelivery(files.service, files.audit);
    small.answer = (request, reply) => delivery.send(deliverable, request, reply);
    url = `${await small.listen()}/own`;
  });
  afterAll(async () => {
    await small[Symbol.asyncDispose]();
    await ground[Symbol.asyncDispose]();
  });

  const ask = (method: string, headers: Readonly<Record<string, string>> = {}) => {
    reads = 0;
    return fetch(url, { method, headers });
  };

  it('sends the bytes', async () => {
    const response = await ask('GET');

    expect(response.status).toBe(200);
    expect(response.headers.get('content-length')).toBe('10');
    await expect(response.text()).resolves.toBe('0123456789');
    expect(reads).toBe(1);
  });

  it('sends a part of them', async () => {
    const response = await ask('GET', { range: 'bytes=2-4' });

    expect(response.status).toBe(206);
    expect(response.headers.get('content-range')).toBe('bytes 2-4/10');
    await expect(response.text()).resolves.toBe('234');
  });

  it('does not read the bytes for a client that only wants to know how many there are', async () => {
    const response = await ask('HEAD');

    expect(response.status).toBe(200);
    expect(response.headers.get('content-length')).toBe('10');
    expect(response.headers.get('etag')).toMatch(/^"[0-9a-f]{64}"$/);
    expect(reads).toBe(0);
  });

  it('does not read the bytes for a client that has them', async () => {
    const etag = (await ask('HEAD')).headers.get('etag') ?? '';

    const response = await ask('GET', { 'if-none-match': etag });

    expect(response.status).toBe(304);
    expect(reads).toBe(0);
  });

  it('refuses a part that is not there', async () => {
    const response = await ask('GET', { range: 'bytes=10-' });

    expect(response.status).toBe(416);
    expect(response.headers.get('content-range')).toBe('bytes */10');
    await expect(response.json()).resolves.toMatchObject({ error: { code: 'range_not_satisfiable' } });
    expect(reads).toBe(0);
  });
});
