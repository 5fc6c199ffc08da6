import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { picture } from '../files/detection/samples.js';
import { MALFORMED_MULTIPART, multipart } from '../multipart.js';
import { type Platform, startPlatform } from '../platform.js';
import { exchange, requestHead } from '../raw-http.js';
import { uploadAll } from './client.js';
import { asResponse } from './problem.js';
import { refused } from './refusals.js';

const CAP = 100_000;
const FILES = '/api/v1/files';
const PROCESS = '/api/v1/tools/image-convert/process';

let platform: Platform;

beforeAll(async () => {
  platform = await startPlatform({ env: { MAX_UPLOAD_BYTES: String(CAP) } });
});

afterAll(() => platform[Symbol.asyncDispose]());

/** Sends exactly these bytes: with their length, or in chunks (RFC 9112 §7.1) that do not tell it. */
const send = async (path: string, contentType: string, body: Buffer, chunked = false): Promise<Response> => {
  const framing: Record<string, string | number> = chunked
    ? { 'Transfer-Encoding': 'chunked' }
    : { 'Content-Length': body.length };
  const head = requestHead('POST', path, { ...platform.credentials, 'Content-Type': contentType, ...framing });
  const chunks = chunked ? inChunks(body) : [body];
  const { response } = await exchange(platform.url, { chunks: [head, ...chunks] });
  return asResponse(response);
};

const parts = (filename: string, content: Buffer | string) => [{ name: 'file', filename, content }];

const inChunks = (body: Buffer, size = 10_000): Buffer[] => {
  const starts = Array.from({ length: Math.ceil(body.length / size) }, (_, index) => index * size);
  const pieces = starts.map((start) => body.subarray(start, start + size));
  const framed = [...pieces, Buffer.alloc(0)].map((piece) =>
    Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n')]),
  );
  return framed;
};

describe('a form that is malformed', () => {
  it.each(MALFORMED_MULTIPART)('is refused: $name', async ({ contentType, body }) => {
    const asUpload = await refused(platform, () => send(FILES, contentType, body));
    const asTask = await refused(platform, () => send(PROCESS, contentType, body));

    expect([asUpload, asTask]).toMatchObject([
      { status: 400, error: { type: 'validation_error', code: 'malformed_multipart' } },
      { status: 400, error: { type: 'validation_error', code: 'malformed_multipart' } },
    ]);
  });

  it.each([1, 7, 4_096])('is refused, too, when it comes in chunks of %i bytes', async (size) => {
    const { contentType, body } = multipart([{ name: 'file', filename: 'a.txt', content: 'content\n' }]);
    const head = requestHead('POST', FILES, {
      ...platform.credentials,
      'Content-Type': contentType,
      'Transfer-Encoding': 'chunked',
    });
    const chunks = [head, ...inChunks(body.subarray(0, -10), size)];

    const problem = await refused(platform, async () =>
      asResponse((await exchange(platform.url, { chunks })).response),
    );

    expect(problem).toMatchObject({ status: 400, error: { code: 'malformed_multipart' } });
  });

  it('leaves none of its good files behind', async () => {
    const good = { name: 'file', filename: 'good.txt', content: 'good\n' };
    const { contentType, body } = multipart([good, good, good]);

    const problem = await refused(platform, () => send(FILES, contentType, body.subarray(0, -5)));

    expect(problem).toMatchObject({ status: 400, error: { code: 'malformed_multipart' } });
  });
});

describe('a form with', () => {
  it.each([
    ['no part at all', [], 400, 'malformed_multipart'],
    ['a field where only files are taken', [{ name: 'options', content: '{}' }], 400, 'invalid_request'],
    ['an empty file', [{ name: 'file', filename: 'a', content: '' }], 422, 'file_empty'],
    [
      'an empty file behind a good one',
      ['good', ''].map((content) => ({ name: 'file', filename: 'a', content })),
      422,
      'file_empty',
    ],
    [
      '101 files',
      Array.from({ length: 101 }, () => ({ name: 'file', filename: 'a', content: 'x' })),
      422,
      'too_many_files',
    ],
  ])('%s is refused', async (_, parts, status, code) => {
    const { contentType, body } = multipart(parts);

    const problem = await refused(platform, () => send(FILES, contentType, body));

    expect(problem).toMatchObject({ status, error: { code } });
  });

  it.each([
    ['an unknown field', [{ name: 'optoins', content: '{}' }], 'invalid_request'],
    ['a tag that is too long', [{ name: 'tag', content: 'x'.repeat(201) }], 'invalid_request'],
    ['a field of 1 MB', [{ name: 'tag', content: 'x'.repeat(1_000_000) }], 'malformed_multipart'],
    ['21 fields', Array.from({ length: 21 }, () => ({ name: 'tag', content: 'x' })), 'malformed_multipart'],
    ['a field name of 200 bytes', [{ name: 'x'.repeat(200), content: 'x' }], 'invalid_request'],
  ])('%s makes no task', async (_, parts, code) => {
    const { contentType, body } = multipart(parts);

    const problem = await refused(platform, () => send(PROCESS, contentType, body));

    expect(problem).toMatchObject({ status: 400, error: { code } });
  });
});

describe('a body over the cap', () => {
  const large = Buffer.alloc(CAP + 1, 'x');
  const form = multipart([{ name: 'file', filename: 'large.txt', content: large }]);

  it.each([
    ['a form', FILES, form.contentType, form.body, false],
    ['a form in chunks', FILES, form.contentType, form.body, true],
    ['a file as the body', FILES, 'text/plain', large, false],
    ['a file as the body, in chunks', FILES, 'text/plain', large, true],
    ['a form for a task', '/api/v1/tools/file-hash/process', form.contentType, form.body, false],
    ['a form for a task, in chunks', '/api/v1/tools/file-hash/process', form.contentType, form.body, true],
  ])('is refused as %s', async (_, path, contentType, body, chunked) => {
    const problem = await refused(platform, () => send(path, contentType, body, chunked));

    expect(problem).toMatchObject({ status: 413, error: { type: 'payload_too_large', code: 'file_too_large' } });
  });

  it('reaches a usual client as a refusal, not as a broken connection', async () => {
    const body = new FormData();
    body.append('file', new File([new Uint8Array(30 * 1_024 ** 2)], 'large.bin'));

    const problem = await refused(platform, () => platform.post(FILES, { body }));

    expect(problem).toMatchObject({ status: 413, error: { code: 'file_too_large' } });
  });

  it('is one byte over: exactly the cap is taken', async () => {
    const [file] = await uploadAll(platform, [{ name: 'exact.txt', bytes: large.subarray(0, CAP) }]);

    expect(file?.size).toBe(CAP);
  });
});

describe('a name that its content contradicts', () => {
  it.each<[string, Buffer | string, string, string]>([
    ['photo.png', '<script>alert(1)</script>\n', 'image/png', 'text/html'],
    ['photo.PNG.', 'MZ' + '\0'.repeat(100), 'image/png', 'application/x-msdownload'],
    ['invoice.pdf', 'plain\n', 'application/pdf', 'text/plain'],
    ['notes.txt', Buffer.from('PK\u0003\u0004' + '\0'.repeat(60)), 'text/*', 'application/zip'],
  ])('is refused: %s', async (filename, content, claimed, found) => {
    const { contentType, body } = multipart(parts(filename, content));

    const asUpload = await refused(platform, () => send(FILES, contentType, body));
    const asInput = await refused(platform, () => send('/api/v1/tools/file-hash/process', contentType, body));

    const detail = `The name promises ${claimed}, but the bytes of the file are ${found}.`;
    const expected = { status: 415, detail, error: { code: 'file_type_mismatch', details: [{ message: detail }] } };
    expect([asUpload, asInput]).toMatchObject([expected, expected]);
  });

  it('is refused after the tool has said what it takes', async () => {
    const { contentType, body } = multipart(parts('photo.png', 'plain\n'));

    const problem = await refused(platform, () => send(PROCESS, contentType, body));

    expect(problem).toMatchObject({ status: 415, error: { code: 'file_type_not_accepted' } });
  });

  it('is refused in a raw upload, too', async () => {
    const head = requestHead('POST', FILES, {
      ...platform.credentials,
      'Content-Disposition': 'attachment; filename="photo.png"',
      'Content-Length': 6,
    });

    const problem = await refused(platform, async () =>
      asResponse((await exchange(platform.url, { chunks: [head, Buffer.from('plain\n')] })).response),
    );

    expect(problem).toMatchObject({ status: 415, error: { code: 'file_type_mismatch' } });
  });
});

describe('a file as the body', () => {
  it('may not be empty', async () => {
    const problem = await refused(platform, () => send(FILES, 'image/png', Buffer.alloc(0)));

    expect(problem).toMatchObject({ status: 422, error: { code: 'file_empty' } });
  });

  it('makes no task: that takes a form or JSON', async () => {
    const photo = await picture('jpeg', 64);

    const problem = await refused(platform, () => send(PROCESS, 'image/jpeg', photo));

    expect(problem).toMatchObject({ status: 415, error: { code: 'unsupported_media_type' } });
  });
});
