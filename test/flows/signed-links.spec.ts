import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { linkSchema } from '../../src/files/file.links.js';
import { until } from '../conditions.js';
import { type Platform, startPlatform } from '../platform.js';
import { type FileDocument, upload } from './client.js';
import { newUser } from '../users.js';
import { problemOf } from './problem.js';

type Link = z.output<typeof linkSchema>;

const minutes = (made: Link): number => (Date.parse(made.expires_at) - Date.now()) / 60_000;
/** Changes something of a URL. */
const changed = (url: string, change: (parsed: URL) => void): string => {
  const parsed = new URL(url, 'http://127.0.0.1');
  change(parsed);
  return parsed.pathname + parsed.search;
};

describe('a signed link', () => {
  let platform: Platform;
  let file: FileDocument;
  let link: Link;

  beforeAll(async () => {
    platform = await startPlatform();
    file = await upload(platform, 'digits.txt', '0123456789');
  });
  beforeEach(async () => {
    link = await make();
  });
  afterAll(() => platform[Symbol.asyncDispose]());

  const make = async (body: object = {}, of = file): Promise<Link> => {
    const response = await platform.postJson(`/api/v1/files/${of.file_id}/link`, body);
    expect(response.status).toBe(201);
    return linkSchema.parse(await response.json());
  };

  it('gives the file to whoever has it, as a download does', async () => {
    const response = await platform.as().get(link.url);

    expect(response.status).toBe(200);
    expect(await response.text()).toBe('0123456789');
    expect(response.headers.get('etag')).toBe(`"${file.sha256}"`);
    expect(response.headers.get('content-disposition')).toBe('attachment; filename=digits.txt');
    expect(response.headers.get('content-security-policy')).toBe("default-src 'none'; sandbox");
  });

  it('knows ranges, entity tags and HEAD', async () => {
    const part = await platform.as().get(link.url, { headers: { range: 'bytes=2-4' } });
    const known = await platform.as().get(link.url, { headers: { 'if-none-match': `"${file.sha256}"` } });
    const head = await platform.as().get(link.url, { method: 'HEAD' });

    expect([part.status, await part.text()]).toEqual([206, '234']);
    expect(known.status).toBe(304);
    expect([head.status, head.headers.get('content-length')]).toEqual([200, '10']);
  });

  it('works for 15 minutes unless said otherwise, and for a day at most', async () => {
    expect(minutes(link)).toBeGreaterThan(14.5);
    expect(minutes(link)).toBeLessThanOrEqual(15);
    expect(minutes(await make({ expires_in: 86_400 }))).toBeGreaterThan(1_439);
    for (const expires_in of [0, -1, 86_401, 1.5, '60', null]) {
      const refused = await platform.postJson(`/api/v1/files/${file.file_id}/link`, { expires_in });
      expect(await problemOf(refused)).toMatchObject({ status: 400, error: { code: 'invalid_request' } });
    }
    const extra = await platform.postJson(`/api/v1/files/${file.file_id}/link`, { expires_in: 60, owner: 'me' });
    expect(extra.status).toBe(400);
  });

  it('ends at its time, and says so', async () => {
    const short = await make({ expires_in: 1 });

    const ended = await until(
      async () => {
        const response = await platform.as().get(short.url);
        return response.status === 200 ? undefined : response;
      },
      { timeoutMs: 5_000, describe: 'the link has expired' },
    );

    expect(await problemOf(ended)).toMatchObject({
      status: 410,
      detail: expect.stringContaining('has expired'),
      error: { code: 'link_not_valid' },
    });
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(short.expires_at));
  });

  it('is for nothing but its file, until its time, with its signature', async () => {
    const other = await upload(platform, 'other.txt', 'other');
    const twin = await upload(platform, 'digits.txt', '0123456789');
    const set = (name: string, value: string) => changed(link.url, (url) => url.searchParams.set(name, value));
    const expires = Number(new URL(link.url, platform.url).searchParams.get('expires'));
    const signature = new URL(link.url, platform.url).searchParams.get('signature') ?? '';
    const first = signature.startsWith('A') ? 'B' : 'A';

    for (const url of [
      link.url.replace(file.file_id, other.file_id),
      link.url.replace(file.file_id, twin.file_id),
      link.url.replace(file.file_id, '01a1fe1b-108a-778d-bfcd-59c8a576f6c4'),
      set('expires', String(expires + 1)),
      set('expires', String(expires - 1)),
      set('signature', first + signature.slice(1)),
      set('signature', 'A'.repeat(43)),
    ])
      expect(await problemOf(await platform.as().get(url))).toMatchObject({
        status: 410,
        error: { code: 'link_not_valid' },
      });
    for (const url of [
      set('signature', signature.slice(1)),
      set('signature', ''),
      set('expires', 'never'),
      set('expires', `${expires}.5`),
      changed(link.url, (parsed) => parsed.searchParams.delete('expires')),
      `${link.url}&signature=${signature}`,
    ])
      expect(await problemOf(await platform.as().get(url))).toMatchObject({
        status: 400,
        error: { code: 'invalid_request' },
      });
  });

  it('changes nothing: only GET and HEAD', async () => {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      const response = await platform.as().get(link.url, { method });
      expect(response.status).toBe(405);
    }
  });

  it('ends with its file', async () => {
    const gone = await upload(platform, 'gone.txt', 'gone');
    const dead = await make({}, gone);
    await platform.get(`/api/v1/files/${gone.file_id}`, { method: 'DELETE' });

    expect(await problemOf(await platform.as().get(dead.url))).toMatchObject({ status: 410 });
  });

  it('gives nothing while its owner is disabled', async () => {
    const owner = await newUser(platform, 'user');
    const { file_id } = await upload(platform.as(owner.credentials), 'theirs.txt', 'theirs');
    const { url } = linkSchema.parse(await (await owner.postJson(`/api/v1/files/${file_id}/link`, {})).json());
    const statusWhen = async (disabled: boolean) => {
      await platform.patchJson(`/api/v1/users/${owner.id}`, { disabled });
      return (await platform.as().get(url)).status;
    };

    expect([await statusWhen(true), await statusWhen(false)]).toEqual([410, 200]);
  });

  it('is nowhere in the log', async () => {
    const signature = new URL(link.url, platform.url).searchParams.get('signature') ?? 'none';
    await platform.as().get(link.url);
    await problemOf(await platform.as().get(`${link.url}x`));

    await until(() => platform.logs().split('/api/v1/files/:id/linked').length > 2, { describe: 'both are logged' });
    expect(platform.logs()).not.toContain(signature);
  });

  it('outlives a restart', async () => {
    await platform.process('all').stop();
    await platform.process('all').start();

    expect((await platform.as().get(link.url)).status).toBe(200);
  });
});
