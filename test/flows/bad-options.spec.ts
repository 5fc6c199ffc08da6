import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { picture } from '../files/detection/samples.js';
import { type Platform, startPlatform } from '../platform.js';
import { postTask, upload } from './client.js';
import { refused } from './refusals.js';

const MIB = 1_024 ** 2;

let platform: Platform;
let photo: Buffer;

beforeAll(async () => {
  platform = await startPlatform();
  photo = await picture('jpeg', 64);
});

afterAll(() => platform[Symbol.asyncDispose]());

const form = (parts: Readonly<Record<string, string | File>>): FormData => {
  const body = new FormData();
  for (const [name, value] of Object.entries(parts)) body.append(name, value);
  return body;
};

const photoFile = (): File => new File([new Uint8Array(photo)], 'photo.jpg');

const postForm = (tool: string, parts: Readonly<Record<string, string | File>>): Promise<Response> =>
  platform.post(`/api/v1/tools/${tool}/process`, { body: form(parts) });

const postJsonText = (tool: string, body: string): Promise<Response> =>
  platform.post(`/api/v1/tools/${tool}/process`, { body, headers: { 'content-type': 'application/json' } });

describe('options', () => {
  it.each([
    ['missing', {}, [{ path: '/format', code: 'required', message: 'is required' }]],
    ['unknown', { format: 'png', colour: 1 }, [{ path: '/colour', code: 'additionalProperties' }]],
    ['of the wrong type', { format: 'png', width: '10' }, [{ path: '/width', code: 'type' }]],
    ['out of range', { format: 'png', quality: 101 }, [{ path: '/quality', code: 'maximum' }]],
    ['not one of those there are', { format: 'bmp' }, [{ path: '/format', code: 'enum' }]],
    ['wrong in two places', { format: 'bmp', width: 0 }, [{ path: '/format' }, { path: '/width' }]],
    ['an array', [], [{ path: '', code: 'type' }]],
    ['null', null, [{ path: '', code: 'type' }]],
  ])('that are %s are refused with a pointer to each fault', async (_, options, details) => {
    const parts = { options: JSON.stringify(options), file: photoFile() };

    const problem = await refused(platform, () => postForm('image-convert', parts));

    expect(problem).toMatchObject({ status: 422, error: { type: 'validation_error', code: 'invalid_options' } });
    expect(problem.error.details).toMatchObject(details);
  });

  it('are checked in the same way when they come as JSON', async () => {
    const { file_id } = await upload(platform, 'photo.jpg', photo);
    const wanted = { inputs: [file_id], options: { format: 'png', colour: 1, width: 0 } };

    const problem = await refused(platform, () => postTask(platform, 'image-convert', wanted));

    expect(problem).toMatchObject({ status: 422, error: { code: 'invalid_options' } });
    expect(problem.error.details.map(({ path }) => path).toSorted()).toEqual(['/colour', '/width']);
  });

  it.each(['', '{', '{"format":"png",}', "{'format':'png'}", 'undefined', '\u0000', '{"format":"png"} {}'])(
    'that are not JSON are refused: %j',
    async (options) => {
      const problem = await refused(platform, () => postForm('image-convert', { options, file: photoFile() }));

      expect(problem).toMatchObject({ status: 422, error: { code: 'invalid_options' } });
    },
  );

  it.each(['__proto__', 'constructor', 'prototype'])('may not have a member called %s', async (key) => {
    const options = `{"message": "x", "${key}": {"polluted": true}}`;

    const inForm = await refused(platform, () => postForm('echo', { options }));
    const inJson = await refused(platform, () => postJsonText('echo', `{"options": ${options}}`));

    expect(inForm).toMatchObject({ status: 422, error: { code: 'invalid_options' } });
    expect([400, 422]).toContain(inJson.status);
  });

  it('of 10 MB are refused, in a form and in JSON', async () => {
    const message = 'x'.repeat(10 * MIB);

    const inForm = await refused(platform, () => postForm('echo', { options: JSON.stringify({ message }) }));
    const inJson = await refused(platform, () => postTask(platform, 'echo', { options: { message } }));

    expect(inForm).toMatchObject({ status: 413, error: { type: 'payload_too_large', code: 'options_too_large' } });
    expect(inJson).toMatchObject({ status: 413, error: { type: 'payload_too_large', code: 'body_too_large' } });
  });

  it('of more than 64 KiB are refused in the same way, however they come', async () => {
    const options = { message: 'x'.repeat(65_536) };

    const inForm = await refused(platform, () => postForm('echo', { options: JSON.stringify(options) }));
    const inJson = await refused(platform, () => postTask(platform, 'echo', { options }));

    expect([inForm.error.code, inJson.error.code]).toEqual(['options_too_large', 'options_too_large']);
  });

  it.each([25, 30_000, 120_000])('that nest %i levels deep are refused', async (depth) => {
    const options = `{"message": ${'['.repeat(depth)}${']'.repeat(depth)}}`;

    const inForm = await refused(platform, () => postForm('echo', { options }));
    const inJson = await refused(platform, () => postJsonText('echo', `{"options": ${options}}`));

    expect([422, 413]).toContain(inForm.status);
    // A body that nests deeper than any of ours is not even parsed.
    expect([422, 413, 400]).toContain(inJson.status);
  });
});
