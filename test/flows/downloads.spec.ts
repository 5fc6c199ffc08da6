import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '../conditions.js';
import { picture } from '../files/detection/samples.js';
import { type Platform, startPlatform } from '../platform.js';
import { RawConnection, requestHead } from '../raw-http.js';
import { createTask, type FileDocument, finishedTask, upload } from './client.js';
import { problemOf } from './problem.js';
import { bytesRead, openDescriptors } from './traces.js';

const MIB = 1_024 ** 2;
const TEXT = '0123456789';

let platform: Platform;
let file: FileDocument;
let tag: string;

beforeAll(async () => {
  platform = await startPlatform();
  file = await upload(platform, 'digits.txt', TEXT);
  tag = `"${createHash('sha256').update(TEXT).digest('hex')}"`;
});

afterAll(() => platform[Symbol.asyncDispose]());

const get = (headers: Record<string, string> = {}, method = 'GET'): Promise<Response> =>
  platform.get(file.content_url, { headers, method });

describe('a download', () => {
  it('has the bytes, the type that was found, and the checksum as its tag', async () => {
    const response = await get();

    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'content-length': '10',
      'content-disposition': 'attachment; filename=digits.txt',
      'accept-ranges': 'bytes',
      etag: tag,
      'cache-control': 'private, no-cache',
    });
    await expect(response.text()).resolves.toBe(TEXT);
  });

  it.each([
    ['the beginning', 'bytes=0-3', '0123', 'bytes 0-3/10'],
    ['one byte', 'bytes=9-9', '9', 'bytes 9-9/10'],
    ['all from a place', 'bytes=4-', '456789', 'bytes 4-9/10'],
    ['the last ones', 'bytes=-2', '89', 'bytes 8-9/10'],
    ['more than there is', 'bytes=8-100', '89', 'bytes 8-9/10'],
    ['all, as a part', 'bytes=0-', TEXT, 'bytes 0-9/10'],
  ])('gives %s', async (_, range, text, contentRange) => {
    const response = await get({ range });

    expect(response.status).toBe(206);
    expect(response.headers.get('content-range')).toBe(contentRange);
    expect(response.headers.get('content-length')).toBe(String(text.length));
    expect(response.headers.get('etag')).toBe(tag);
    await expect(response.text()).resolves.toBe(text);
  });

  it.each(['bytes=3-1', 'bytes=a-b', 'lines=1-2', 'bytes=0-1,3-4', 'bytes=', '-'])(
    'gives everything when it cannot make sense of %j',
    async (range) => {
      const response = await get({ range });

      expect(response.status).toBe(200);
      await expect(response.text()).resolves.toBe(TEXT);
    },
  );

  it.each(['bytes=10-', 'bytes=10-11', 'bytes=-0', 'bytes=99999999999999999999-'])(
    'says how long the file is when %s is outside',
    async (range) => {
      const response = await get({ range });

      expect(response.headers.get('content-range')).toBe('bytes */10');
      await expect(problemOf(response)).resolves.toMatchObject({
        status: 416,
        error: { code: 'range_not_satisfiable' },
      });
    },
  );

  it.each([
    ['the tag is the same', () => tag, 206],
    ['the tag is another', () => '"other"', 200],
    ['the tag is weak', () => `W/${tag}`, 200],
    ['it is a date', () => new Date().toUTCString(), 200],
  ])('goes on where it stopped only if nothing has changed: %s', async (_, ifRange, status) => {
    const response = await get({ range: 'bytes=0-0', 'if-range': ifRange() });

    expect(response.status).toBe(status);
  });

  it.each([
    ['the tag', () => tag],
    ['the tag among others', () => `"a", W/${tag}, "b"`],
    ['a star', () => '*'],
  ])('is not sent again to whoever has it already, by %s', async (_, ifNoneMatch) => {
    const response = await get({ 'if-none-match': ifNoneMatch(), range: 'bytes=0-0' });

    expect(response.status).toBe(304);
    expect(response.headers.get('etag')).toBe(tag);
    await expect(response.text()).resolves.toBe('');
  });

  it('is sent to whoever has another version', async () => {
    const response = await get({ 'if-none-match': '"other"' });

    await expect(response.text()).resolves.toBe(TEXT);
  });
});

describe('a HEAD request', () => {
  it('is answered with the same header, and knows no ranges', async () => {
    const [whole, head, part] = [await get(), await get({}, 'HEAD'), await get({ range: 'bytes=0-0' }, 'HEAD')];

    const volatile = ['date', 'x-request-id', 'connection', 'keep-alive', 'ratelimit'];
    const stable = ({ headers }: Response) => [...headers].filter(([name]) => !volatile.includes(name));
    expect([head.status, part.status]).toEqual([200, 200]);
    expect(stable(head)).toEqual(stable(whole));
    expect(stable(part)).toEqual(stable(whole));
    await expect(head.text()).resolves.toBe('');
  });

  it('does not cost the reading of the file', async () => {
    const large = await upload(platform, 'large.txt', Buffer.alloc(20 * MIB, 'text '));
    const before = bytesRead(platform.pid);

    const response = await platform.get(large.content_url, { method: 'HEAD' });

    expect(response.headers.get('content-length')).toBe(String(20 * MIB));
    expect(bytesRead(platform.pid) - before).toBeLessThan(MIB);
  });
});

describe('what strangers have uploaded', () => {
  it.each([
    ['evil.svg', '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', 'image/svg+xml'],
    ['evil.html', '<!doctype html><html><script>alert(1)</script></html>', 'text/html; charset=utf-8'],
    ['evil.xml', '<?xml version="1.0"?><?xml-stylesheet href="evil.xsl"?><a/>', 'application/xml'],
  ])('is saved and not shown, and runs nothing: %s', async (name, content, type) => {
    const { content_url } = await upload(platform, name, content);

    const response = await platform.get(content_url);

    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': type,
      'content-disposition': `attachment; filename=${name}`,
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
      'cross-origin-resource-policy': 'same-origin',
    });
  });

  it('keeps its name in every alphabet (RFC 6266, RFC 8187)', async () => {
    const { content_url } = await upload(platform, 'Übersicht 2026 – 概要.txt', TEXT);

    const disposition = (await platform.get(content_url)).headers.get('content-disposition');

    expect(disposition).toMatch(/^attachment; filename="[\x20-\x7e]+"; filename\*=UTF-8''/);
    expect(disposition).toContain(encodeURIComponent('Übersicht 2026 – 概要.txt'));
  });
});

describe('a result', () => {
  it('knows ranges and tags like any other file', async () => {
    const photo = { name: 'photo.jpg', bytes: await picture('jpeg', 64) };
    const { task_id } = await createTask(platform, 'image-convert', { files: [photo], options: { format: 'png' } });
    const { outputs } = await finishedTask(platform, task_id);
    const path = `/api/v1/tasks/${task_id}/result`;

    const part = await platform.get(path, { headers: { range: 'bytes=1-3' } });
    const known = await platform.get(path, { headers: { 'if-none-match': `"${outputs[0]?.sha256}"` } });

    await expect(part.text()).resolves.toBe('PNG');
    expect(part.headers.get('content-range')).toBe(`bytes 1-3/${outputs[0]?.size}`);
    expect(known.status).toBe(304);
  });
});

describe('a client that stops reading', () => {
  it('leaves no file open', async () => {
    const large = await upload(platform, 'large.txt', Buffer.alloc(20 * MIB, 'text '));
    const isOpen = () => openDescriptors(platform.pid).some((path) => path.endsWith(large.file_id));
    await using connection = await RawConnection.open(platform.url);
    await connection.send(requestHead('GET', large.content_url, platform.credentials));
    await until(isOpen, { describe: 'the server reads the file' });

    connection.reset();

    await until(() => !isOpen(), { describe: 'the server has closed the file' });
    expect((await platform.get(large.content_url, { headers: { range: 'bytes=0-3' } })).status).toBe(206);
  });
});
