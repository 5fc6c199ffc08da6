import { afterEach, describe, expect, it } from '@jest/globals';
import { COMBINATIONS } from '../combinations.js';
import type { Platform } from '../platform.js';
import { listFiles, listTasks, postTask, upload } from './client.js';
import { type Grounded, startOn } from './grounds.js';
import { storedFiles } from './traces.js';

const FILES = '/api/v1/files';
const KIB = 1_024;
const LINES = Buffer.from('some line\n'.repeat(103)).subarray(0, KIB);

/** The simplest ground, and the one that differs most. */
const GROUNDS = COMBINATIONS.filter(({ name }) => /SQLite and the embedded|PostgreSQL and Bull/.test(name));

const store = (platform: Platform, bytes: Buffer) => platform.post(FILES, { body: new Uint8Array(bytes) });
const faultOf = async (answer: Response) =>
  ((await answer.json()) as { error: { code: string; quota: Record<string, unknown> } }).error;

describe.each(GROUNDS)('quotas on $name', (combination) => {
  let grounded: Grounded | undefined;
  afterEach(async () => {
    await grounded?.[Symbol.asyncDispose]();
    grounded = undefined;
  });

  async function start(env: Readonly<Record<string, string>>): Promise<Platform> {
    grounded = await startOn(combination, { env });
    return grounded.platform;
  }
  it('say what is used, and what may be', async () => {
    const platform = await start({ QUOTA_BYTES: String(10 * KIB), QUOTA_TASKS_PER_DAY: '5' });
    await upload(platform, 'a.txt', LINES);
    await postTask(platform, 'echo');

    expect(await (await platform.get('/api/v1/quota')).json()).toEqual({
      data: [
        { quota: 'stored_bytes', limit: 10 * KIB, used: KIB, until: null },
        { quota: 'files', limit: null, used: 1, until: null },
        { quota: 'tasks_per_day', limit: 5, used: 1, until: expect.stringMatching(/T00:00:00.000Z$/) },
        { quota: 'unfinished_tasks', limit: null, used: expect.any(Number), until: null },
      ],
    });
  });

  it('are not exceeded by fifty uploads at once, and leave nothing of those that are refused', async () => {
    const platform = await start({ QUOTA_BYTES: String(10 * KIB) });

    const answers = await Promise.all(Array.from({ length: 50 }, () => store(platform, LINES)));

    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 201)).toHaveLength(10);
    expect(statuses.filter((status) => status === 413)).toHaveLength(40);
    expect((await listFiles(platform)).data).toHaveLength(10);
    expect(await storedFiles(platform)).toHaveLength(10);
    const refused = answers.filter(({ status }) => status === 413);
    for (const answer of refused) expect((await faultOf(answer)).code).toBe('storage_quota_exceeded');
  });

  it('cut off an upload where the room ends, and refuse the next one at once', async () => {
    const platform = await start({ QUOTA_BYTES: String(2 * KIB) });
    await upload(platform, 'a.txt', LINES);

    const tooLong = await store(platform, Buffer.concat([LINES, LINES]));
    expect(tooLong.status).toBe(413);
    expect(await faultOf(tooLong)).toMatchObject({
      code: 'storage_quota_exceeded',
      quota: { quota: 'stored_bytes', limit: 2 * KIB, used: KIB, until: null },
    });
    expect((await store(platform, LINES)).status).toBe(201);
    expect((await store(platform, Buffer.from('x'))).status).toBe(413);
    expect((await postTask(platform, 'echo')).status).toBe(413);
  });

  it('count files, and give room back when one is deleted', async () => {
    const platform = await start({ QUOTA_FILES: '3' });
    const [first] = [await upload(platform, 'a.txt', LINES), await upload(platform, 'b.txt', LINES)];

    const answers = await Promise.all(Array.from({ length: 10 }, () => store(platform, LINES)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);

    await platform.delete(`${FILES}/${first?.file_id}`);
    expect((await store(platform, LINES)).status).toBe(201);
    expect((await store(platform, LINES)).status).toBe(413);
  });

  it('let fifty requests at once create as many tasks as a day may have, with their files', async () => {
    const platform = await start({ QUOTA_TASKS_PER_DAY: '7' });
    const ask = () => postTask(platform, 'file-hash', { files: [{ name: 'a.txt', bytes: LINES }] });

    const answers = await Promise.all(Array.from({ length: 50 }, ask));

    expect(answers.filter(({ status }) => status === 202)).toHaveLength(7);
    expect((await listTasks(platform)).data).toHaveLength(7);
    expect((await listFiles(platform)).data).toHaveLength(7);
    const refused = await ask();
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await faultOf(refused)).toMatchObject({
      code: 'quota_exceeded',
      quota: { quota: 'tasks_per_day', limit: 7, used: 7, until: expect.stringMatching(/T00:00:00.000Z$/) },
    });
  });

  it('are about what is unfinished, and let go when it ends', async () => {
    const platform = await start({ QUOTA_UNFINISHED_TASKS: '2' });
    const wait = () => postTask(platform, 'echo', { options: { delay_ms: 60_000 } });

    const answers = await Promise.all(Array.from({ length: 12 }, wait));
    const made = answers.filter(({ status }) => status === 202);
    expect(made).toHaveLength(2);
    expect(await faultOf(await wait())).toMatchObject({ code: 'quota_exceeded', quota: { quota: 'unfinished_tasks' } });

    await platform.post(`${made[0]?.headers.get('location')}/cancel`);
    expect((await wait()).status).toBe(202);
  });
});
