import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { picture } from '../files/detection/samples.js';
import { type Platform, startPlatform } from '../platform.js';
import { createTask, finishedTask, postTask, upload } from './client.js';
import { refused } from './refusals.js';

const TEXT = { name: 'text.txt', bytes: 'just text\n' };

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

describe('a request in JSON', () => {
  it.each([
    ['nothing', '', 'malformed_json'],
    ['half of an object', '{"inputs": [', 'malformed_json'],
    ['a byte that is not UTF-8', Buffer.from([0x22, 0xff, 0x22]), 'invalid_request'],
    ['an array', '[]', 'invalid_request'],
    ['inputs that are no list', '{"inputs": "all"}', 'invalid_request'],
    ['an id of another kind', '{"inputs": ["../../etc/passwd"]}', 'invalid_request'],
    ['an unknown member', '{"input": []}', 'invalid_request'],
    ['a tag without words', '{"tag": ""}', 'invalid_request'],
    ['a long tag', JSON.stringify({ tag: 'x'.repeat(201) }), 'invalid_request'],
  ])('with %s is refused', async (_, body, code) => {
    const headers = { 'content-type': 'application/json' };

    const problem = await refused(platform, () => platform.post('/api/v1/tools/file-hash/process', { body, headers }));

    expect(problem).toMatchObject({ status: 400, error: { type: 'validation_error', code } });
  });

  it('points to the id that is wrong', async () => {
    const { file_id } = await upload(platform, 'text.txt', TEXT.bytes);
    const wanted = { inputs: [file_id, 'no-uuid'] };

    const problem = await refused(platform, () => postTask(platform, 'file-hash', wanted));

    expect(problem.error.details).toMatchObject([{ path: '/inputs/1' }]);
  });

  it('names a file that does not exist: there is no task', async () => {
    const inputs = [randomUUID()];

    const problem = await refused(platform, () => postTask(platform, 'file-hash', { inputs }));

    expect(problem).toMatchObject({ status: 404, error: { type: 'not_found', code: 'file_not_found' } });
  });

  it('names a task where a file is meant: there is no such file', async () => {
    const { task_id } = await createTask(platform, 'echo');

    const problem = await refused(platform, () => postTask(platform, 'file-hash', { inputs: [task_id] }));

    expect(problem).toMatchObject({ status: 404, error: { code: 'file_not_found' } });
  });

  it('names a file of the wrong type', async () => {
    const { file_id } = await upload(platform, 'text.txt', TEXT.bytes);
    const wanted = { inputs: [file_id], options: { format: 'png' } };

    const problem = await refused(platform, () => postTask(platform, 'image-convert', wanted));

    expect(problem).toMatchObject({ status: 415, error: { code: 'file_type_not_accepted' } });
    expect(problem.error.details).toMatchObject([{ path: '/inputs/0', code: 'type' }]);
  });
});

describe('the files of a task', () => {
  it.each([
    [
      'a text under the name of a picture',
      { name: 'photo.jpg', bytes: 'no picture at all\n' },
      415,
      'file_type_not_accepted',
    ],
    ['a file without bytes', { name: 'empty.jpg', bytes: '' }, 422, 'file_empty'],
  ])('may not be %s', async (_, file, status, code) => {
    const wanted = { options: { format: 'png' }, files: [file] };

    const problem = await refused(platform, () => postTask(platform, 'image-convert', wanted));

    expect(problem).toMatchObject({ status, error: { type: 'validation_error', code } });
  });

  it('may not be more than the tool takes', async () => {
    const files = [photo, photo].map((bytes) => ({ name: 'photo.jpg', bytes }));
    const { file_id } = await upload(platform, 'photo.jpg', photo);
    const options = { format: 'png' };

    const inForm = await refused(platform, () => postTask(platform, 'image-convert', { options, files }));
    const inputs = [file_id, file_id];
    const inJson = await refused(platform, () => postTask(platform, 'image-convert', { options, inputs }));
    const unwanted = await refused(platform, () => postTask(platform, 'echo', { files: [TEXT] }));

    expect([inForm, inJson, unwanted].map(({ status, error }) => [status, error.code])).toEqual([
      [422, 'too_many_files'],
      [422, 'too_many_files'],
      [422, 'too_many_files'],
    ]);
  });

  it('may not be missing', async () => {
    const options = { format: 'png' };

    const inForm = await refused(platform, () => postForm('image-convert', { options: JSON.stringify(options) }));
    const inJson = await refused(platform, () => postTask(platform, 'image-convert', { options }));
    const asField = await refused(platform, () => postForm('image-convert', { file: 'photo.jpg' }));

    expect([inForm.error.code, inJson.error.code]).toEqual(['file_missing', 'file_missing']);
    expect(asField).toMatchObject({ status: 400, error: { code: 'invalid_request' } });
  });

  it.each(['jpeg', 'png', 'webp'] as const)(
    'may be a %s that is cut off: the task fails, and says why',
    async (format) => {
      const whole = await picture(format, 64);
      const lengths = [100, 0.3 * whole.length, 0.6 * whole.length, 0.9 * whole.length];
      const files = lengths.map((length) => ({ name: `cut.${format}`, bytes: whole.subarray(0, length) }));

      const created = await Promise.all(
        files.map((file) => createTask(platform, 'image-convert', { options: { format: 'png' }, files: [file] })),
      );
      const tasks = await Promise.all(created.map(({ task_id }) => finishedTask(platform, task_id)));

      for (const task of tasks) {
        expect(task).toMatchObject({ status: 'failed', attempt: 1, outputs: [] });
        expect(task.error).toMatchObject({ type: 'tool_error', code: 'image_unreadable', retryable: false });
      }
    },
  );

  it('may not be so little of a picture that nobody can tell what it is', async () => {
    const files = [{ name: 'photo.jpg', bytes: photo.subarray(0, 2) }];

    const problem = await refused(platform, () => postTask(platform, 'image-convert', { files }));

    expect(problem).toMatchObject({ status: 415, error: { code: 'file_type_not_accepted' } });
  });
});

describe('a tool that does not exist', () => {
  it.each(['image-convret', '..%2f..%2fetc', '%00', 'x'.repeat(64), 'ü'])('is not found: %s', async (tool) => {
    const problem = await refused(platform, () => postForm(tool, { file: photoFile() }));

    expect(problem).toMatchObject({ status: 404, error: { type: 'not_found' } });
  });
});
