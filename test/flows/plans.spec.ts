import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { COMBINATIONS } from '../combinations.js';
import type { Platform } from '../platform.js';
import { newUser } from '../users.js';
import { createTask, finishedTask, upload } from './client.js';
import { type Grounded, startOn } from './grounds.js';
import { problemOf } from './problem.js';
import { rowCount } from './traces.js';

const [COMBINATION] = COMBINATIONS;

describe('a plan', () => {
  let grounded: Grounded;
  let platform: Platform;
  let text: string;
  let image: string;

  beforeAll(async () => {
    if (!COMBINATION) throw new Error('There is no ground.');
    grounded = await startOn(COMBINATION, { env: { QUOTA_TASKS_PER_DAY: '1' } });
    platform = grounded.platform;
    text = (await upload(platform, 'a.txt', 'some text\n')).file_id;
    image = (await upload(platform, 'a.gif', Buffer.from('GIF89a\x01\0\x01\0\0\0\0;', 'latin1'))).file_id;
  });
  afterAll(() => grounded[Symbol.asyncDispose]());

  const plan = async (tool: string, wanted: object) => {
    const answer = await platform.postJson(`/api/v1/tools/${tool}/plan`, wanted);
    expect(answer.status).toBe(200);
    return JSON.parse(await answer.text());
  };
  const codes = async (tool: string, wanted: object): Promise<string[]> =>
    (await plan(tool, wanted)).refusals.map(({ code }: { code: string }) => code);

  it('says that a task would be accepted, with the defaults of its options, and creates none', async () => {
    const before = rowCount(platform, 'task');

    expect(await plan('stamp', { inputs: [text] })).toMatchObject({
      tool: { name: 'stamp', version: '1.2.3' },
      accepted: true,
      refusals: [],
      input_bytes: 10,
      options: { width: 1 },
      cached: false,
    });
    expect(rowCount(platform, 'task')).toBe(before);
  });

  it('tells everything for which a task would be refused', async () => {
    const nobodys = '019a0000-0000-7000-8000-000000000000';

    expect(await codes('stamp', { inputs: [image, nobodys, text], options: { height: 1 } })).toEqual([
      'invalid_options',
      'too_many_files',
      'file_type_not_accepted',
      'file_not_found',
    ]);
    expect(await codes('stamp', {})).toEqual(['file_missing']);
  });

  it('tells nobody of the files of others', async () => {
    const other = await newUser(platform, 'user');
    const answer = await other.postJson('/api/v1/tools/stamp/plan', { inputs: [text] });

    expect(JSON.parse(await answer.text())).toMatchObject({ accepted: false, input_bytes: 0 });
  });

  it('knows no tool that there is not, and no member that there is not', async () => {
    const missing = await platform.postJson('/api/v1/tools/nothing/plan', {});
    const misspelt = await platform.postJson('/api/v1/tools/stamp/plan', { input: [text] });

    expect(await problemOf(missing)).toMatchObject({ status: 404, error: { code: 'tool_not_found' } });
    expect(await problemOf(misspelt)).toMatchObject({ status: 400, error: { code: 'invalid_request' } });
  });

  it('sees the quota, and then what is cached', async () => {
    const { task_id } = await createTask(platform, 'stamp', { inputs: [text] });
    await finishedTask(platform, task_id);

    expect(await codes('stamp', { inputs: [text] })).toEqual(['quota_exceeded']);

    const other = await newUser(platform, 'user');
    const theirs = (await upload(other, 'a.txt', 'some text\n')).file_id;
    const ask = async () =>
      JSON.parse(await (await other.postJson('/api/v1/tools/stamp/plan', { inputs: [theirs] })).text());
    expect(await ask()).toMatchObject({ accepted: true, cached: false });
  });
});
