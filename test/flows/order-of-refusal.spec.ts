import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '../conditions.js';
import { picture } from '../files/detection/samples.js';
import { type Platform, startPlatform } from '../platform.js';
import { exchange, RawConnection, requestHead } from '../raw-http.js';
import { asResponse, problemOf } from './problem.js';
import { bytesRead, nothingMore, type Traces, traces } from './traces.js';

const KIB = 1_024;
const MIB = 1_024 * KIB;
const GIB = 1_024 * MIB;
const BOUNDARY = 'boundary';

let platform: Platform;
let photo: Buffer;
let before: Traces;

beforeAll(async () => {
  platform = await startPlatform();
  photo = await picture('jpeg', 64);
  before = await traces(platform);
});

afterAll(() => platform[Symbol.asyncDispose]());

const head = (tool: string, length: number): string =>
  requestHead('POST', `/api/v1/tools/${tool}/process`, {
    ...platform.credentials,
    'Content-Type': `multipart/form-data; boundary=${BOUNDARY}`,
    'Content-Length': length,
  });

const field = (name: string, value: string): string =>
  `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;

const fileHead = (name: string): string =>
  `--${BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\n\r\n`;

/** A file of two gigabytes, made while it is sent. */
function* upload(tool: string, ...beginning: readonly (Buffer | string)[]): Generator<Buffer | string> {
  yield head(tool, 2 * GIB);
  yield* beginning;
  const piece = Buffer.alloc(64 * KIB, 'text ');
  for (let sent = 0; sent < 2 * GIB; sent += piece.length) yield piece;
}

const WRONG_TYPE = ['image-convert', fileHead('a.jpg')] as const;
const WRONG_OPTIONS = ['image-convert', field('options', '{"format":"doc"}'), fileHead('a.jpg')] as const;
const NO_FILES = ['echo', fileHead('a.txt')] as const;
const NO_TOOL = ['no-such-tool', fileHead('a.txt')] as const;

describe('an upload of 2 GB is refused before the server has read a megabyte of it', () => {
  it.each([
    ['of a type that the tool does not take', WRONG_TYPE, false, 415, 'file_type_not_accepted'],
    ['with wrong options before it', WRONG_OPTIONS, false, 422, 'invalid_options'],
    ['for a tool that takes no files', NO_FILES, false, 422, 'too_many_files'],
    ['of a wrong type, piece by piece', WRONG_TYPE, true, 415, 'file_type_not_accepted'],
    ['for a tool that does not exist, piece by piece', NO_TOOL, true, 404, 'tool_not_found'],
  ] as const)('%s', async (_, [tool, ...beginning], lockstep, status, code) => {
    const atFirst = bytesRead(platform.pid);

    const { response } = await exchange(platform.url, { chunks: upload(tool, ...beginning), lockstep });
    const read = bytesRead(platform.pid) - atFirst;

    expect(await problemOf(asResponse(response))).toMatchObject({ status, error: { code } });
    expect(read).toBeLessThan(MIB);
    await nothingMore(platform, before);
  });
});

describe('what is refused', () => {
  it('is the file that was read already, when wrong options come last', async () => {
    const body = Buffer.concat([
      Buffer.from(fileHead('photo.jpg')),
      photo,
      Buffer.from(`\r\n${field('options', '{"format":"doc"}')}--${BOUNDARY}--\r\n`),
    ]);

    const { response } = await exchange(platform.url, { chunks: [head('image-convert', body.length), body] });

    expect(await problemOf(asResponse(response))).toMatchObject({ status: 422, error: { code: 'invalid_options' } });
    await nothingMore(platform, before);
  });

  it('is the first file, too, when the second one is of a wrong type', async () => {
    const start = Buffer.concat([Buffer.from(fileHead('a.txt')), Buffer.from('text\n'), Buffer.from('\r\n')]);
    await using connection = await RawConnection.open(platform.url);
    await connection.send(head('file-hash', 2 * GIB));
    await connection.send(start);
    await until(async () => (await traces(platform)).files.length > before.files.length, {
      describe: 'the first file is stored',
    });

    await connection.send(field('options', '{"algorithms":["rot13"]}'));
    await connection.send(fileHead('b.txt'));

    expect(await problemOf(asResponse(await connection.response()))).toMatchObject({
      status: 422,
      error: { code: 'invalid_options' },
    });
    await nothingMore(platform, before);
  });

  it('is an unknown tool, before any byte of the body has come', async () => {
    await using connection = await RawConnection.open(platform.url);
    await connection.send(head('no-such-tool', 2 * GIB));

    const response = await connection.response();

    expect(response.status).toBe(404);
    expect(response.headers.get('connection')).toEqual(['close']);
    await until(() => connection.closed, { describe: 'the server has ended the connection' });
  });

  it('needs no more than its header, when the length alone is too much', async () => {
    const tooMuch = 6 * GIB;
    const asBody = requestHead('POST', '/api/v1/files', {
      ...platform.credentials,
      'Content-Type': 'text/plain',
      'Content-Length': tooMuch,
    });
    await using connection = await RawConnection.open(platform.url);

    await connection.send(asBody);

    expect(await problemOf(asResponse(await connection.response()))).toMatchObject({
      status: 413,
      error: { code: 'file_too_large' },
    });
    await nothingMore(platform, before);
  });
});
