import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { COMBINATIONS } from '../combinations.js';
import { until } from '../conditions.js';
import { EventReader } from '../event-reader.js';
import type { Platform } from '../platform.js';
import { onBusyMachine } from '../time.limits.js';
import { newUser } from '../users.js';
import { cancelTask, createTask, finishedTask, readTask } from './client.js';
import { type Grounded, startOn } from './grounds.js';

const WHERE = COMBINATIONS.filter(
  ({ name }) => name.startsWith('SQLite and the') || name.startsWith('PostgreSQL and B'),
);
/** The end of the time at its start of which a process knows nothing. */
const YOUNG_MS = 2_500;

/** No stream ends only because it is over. */
const LONG_GRACE_MS = '60000';

const opened = (reader: EventReader) => until(() => reader.status === 200, { describe: 'the stream is open' });

describe.each(WHERE)('streams of events on $name', (combination) => {
  let ground: Grounded;
  let platform: Platform;
  let readers: EventReader[];

  beforeAll(async () => {
    const roles = combination.queue === 'bull' ? (['api', 'worker'] as const) : (['all'] as const);
    ground = await startOn(combination, { roles, env: { SHUTDOWN_GRACE_MS: LONG_GRACE_MS } });
    platform = ground.platform;
    const born = Date.now();
    await until(() => Date.now() - born > YOUNG_MS, { describe: 'the log is older than every task' });
    readers = [];
  });
  afterEach(() => {
    for (const reader of readers.splice(0)) reader.cut();
  });
  afterAll(() => ground[Symbol.asyncDispose]());

  const pathOf = (id: string) => `${platform.url}/api/v1/tasks/${id}/events`;
  const newReader = (credentials = platform.credentials) => {
    const reader = new EventReader(credentials);
    readers.push(reader);
    return reader;
  };

  it('tell the whole story of a task, to its end, and then that there is nothing more', async () => {
    const { task_id } = await createTask(platform, 'echo', {
      options: { message: 'hello', delay_ms: 900 },
      tag: 'mine',
    });
    const reader = newReader();

    await reader.read(pathOf(task_id));
    const headers = Object.fromEntries(reader.headers);
    const task = await readTask(platform, task_id);

    expect(headers).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    const words = { task_id, tool: 'echo', tag: 'mine', status_reason: null };
    expect(reader.data('status')).toEqual([
      { ...words, status: 'pending', attempt: 0 },
      { ...words, status: 'processing', attempt: 1 },
      { ...words, status: 'completed', attempt: 1 },
    ]);
    const progress = reader.data('progress');
    expect(progress.length).toBeGreaterThanOrEqual(2);
    expect(progress.length).toBeLessThanOrEqual(5);
    expect(progress.every(({ ratio }, index) => ratio >= (progress[index - 1]?.ratio ?? 0))).toBe(true);
    expect(progress[0]).toEqual({ task_id, attempt: 1, stage: 'running', ratio: 0, message: 'Waiting' });
    expect(reader.types().at(-1)).toBe('result');
    expect(reader.data('result')).toEqual([task]);
    expect(new Set(reader.ids).size).toBe(reader.events.length);

    await reader.read(pathOf(task_id));
    expect(reader.status).toBe(204);
  });

  it('tell the same story again to who comes later', async () => {
    const { task_id } = await createTask(platform, 'echo', { options: { delay_ms: 300 } });
    const [first, late] = [newReader(), newReader()];

    await first.read(pathOf(task_id));
    await late.read(pathOf(task_id));

    expect(late.events.map(({ id, data }) => [id, data])).toEqual(first.events.map(({ id, data }) => [id, data]));
  });

  it('go on after any event that is known already', async () => {
    const { task_id } = await createTask(platform, 'echo', { options: { delay_ms: 300 } });
    const whole = newReader();
    await whole.read(pathOf(task_id));

    for (const [index, { id }] of whole.events.entries()) {
      const reader = newReader();
      reader.lastId = id;
      await reader.read(pathOf(task_id));

      expect(reader.events.map(({ id }) => id)).toEqual(whole.ids.slice(index + 1));
      expect(reader.status).toBe(index === whole.events.length - 1 ? 204 : 200);
    }
  });

  it.each(['nonsense', '1-1', '99999999999999-0', 'end', ''])(
    'take no harm from an id that is none of theirs: %j',
    async (id) => {
      const { task_id } = await createTask(platform, 'echo', { options: { delay_ms: 500 } });
      const reader = newReader();
      reader.lastId = id;

      await reader.read(pathOf(task_id));

      expect(reader.types().filter((type) => type === 'result')).toHaveLength(1);
      expect(reader.data('status').at(-1)).toMatchObject({ status: 'completed' });
    },
  );

  it('tell a user everything of their own tasks, and nothing of others', async () => {
    const user = await newUser(platform, 'user');
    const [mine, theirs] = [newReader(), newReader(user.credentials)];
    const url = `${platform.url}/api/v1/events`;
    void mine.read(url);
    void theirs.read(url);
    await Promise.all([opened(mine), opened(theirs)]);
    await until(() => mine.lastId !== undefined && theirs.lastId !== undefined, { describe: 'both have a place' });

    const [one, two] = [await createTask(platform, 'echo'), await createTask(user, 'echo')];
    await Promise.all(
      [mine, theirs].map((reader) => until(() => reader.data('result').length > 0, { describe: 'the end is told' })),
    );

    expect(mine.data('result').map(({ task_id }) => task_id)).toEqual([one.task_id]);
    expect(theirs.data('result').map(({ task_id }) => task_id)).toEqual([two.task_id]);
    expect(mine.data('status').map(({ status }) => status)).toEqual(['pending', 'processing', 'completed']);
  });

  it('show what a tool writes to its owner and to admins, without places and without what it prints', async () => {
    const [owner, friend] = [await newUser(platform, 'user'), await newUser(platform, 'user')];
    const { task_id } = await createTask(owner, 'talk');
    await owner.postJson(`/api/v1/tasks/${task_id}/shares`, { user_id: friend.id });
    const [mine, admins, shared] = [newReader(owner.credentials), newReader(), newReader(friend.credentials)];
    await mine.read(pathOf(task_id));
    await Promise.all([admins, shared].map((reader) => reader.read(pathOf(task_id))));

    const log = JSON.parse(await (await owner.get(`/api/v1/tasks/${task_id}/logs`)).text());
    const refused = await friend.get(`/api/v1/tasks/${task_id}/logs`);

    const messages = ['line 1', 'line 2', `in /out/run\r\nid: 1-1\u001B[31m`];
    expect(log.data.map(({ message }: { message: string }) => message)).toEqual(messages);
    expect(log.data[0]).toEqual({ attempt: 1, at: expect.stringMatching(/Z$/), level: 'info', message: 'line 1' });
    expect(mine.data('log')).toEqual(log.data.map((line: object) => ({ ...line, task_id })));
    expect(admins.data('log')).toEqual(mine.data('log'));
    expect([shared.status, shared.data('log'), shared.data('result').length]).toEqual([200, [], 1]);
    expect(refused.status).toBe(403);
    expect(mine.data('progress').map(({ ratio }) => ratio)).toEqual([0.5]);
    expect(JSON.stringify([log, mine.events])).not.toContain('printed for the operator');
  });

  it('keep no more lines than anybody wants to read', async () => {
    const { task_id } = await createTask(platform, 'talk', { options: { lines: 2_000 } });
    await finishedTask(platform, task_id);

    const response = await platform.get(`/api/v1/tasks/${task_id}/logs`);
    const { data } = JSON.parse(await response.text());
    const etag = response.headers.get('etag') ?? '';
    const again = await platform.get(`/api/v1/tasks/${task_id}/logs`, { headers: { 'if-none-match': etag } });

    expect(data).toHaveLength(501);
    expect(data.at(-1)).toMatchObject({ level: 'warn', message: 'More lines are left out.' });
    expect(again.status).toBe(304);
  });

  it('take no credential from the address, and answer strangers 401', async () => {
    const { task_id } = await createTask(platform, 'echo');
    const key = platform.credentials['authorization']?.replace('Bearer ', '') ?? '';
    for (const path of ['/api/v1/events', `/api/v1/tasks/${task_id}/events`]) {
      for (const query of ['', `?access_token=${key}`, `?token=${key}`]) {
        const response = await platform.as().get(path + query);

        expect(response.status).toBe(401);
      }
    }
  });

  it('can be asked about without being opened', async () => {
    const response = await platform.get('/api/v1/events', { method: 'HEAD' });

    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
  });

  it('say where things stand after the end of a process, though nothing of it is left', async () => {
    const running = await createTask(platform, 'echo', { options: { delay_ms: 60_000 } });
    const [one, all] = [newReader(), newReader()];
    const url = `${platform.url}/api/v1/events`;
    void one.read(pathOf(running.task_id));
    void all.read(url);
    await until(() => one.data('progress').length > 0 && all.lastId !== undefined, { describe: 'both have a place' });
    all.cut();
    one.cut();
    const { task_id } = await createTask(platform, 'echo', { options: { delay_ms: 400 } });
    await finishedTask(platform, task_id);

    const api = platform.processes[0];
    await api?.kill('SIGKILL');
    await api?.start();
    void one.read(pathOf(running.task_id));
    void all.read(url);
    const told = () => all.data('result').some((task) => task.task_id === task_id);
    await until(told, { timeoutMs: 15_000, describe: 'the end is told' });
    await cancelTask(platform, running.task_id);
    await until(() => one.data('result').length > 0, { timeoutMs: 15_000, describe: 'the other end is told' });

    expect(all.data('result')).toContainEqual(await readTask(platform, task_id));
    expect(one.data('result')).toEqual([await readTask(platform, running.task_id)]);
    await one.read(pathOf(running.task_id));
    expect(one.status).toBe(204);
  }, 60_000);

  it('end when the server is asked to stop, which then ends well', async () => {
    const reader = newReader();
    const api = platform.processes[0];
    const reading = reader.read(`${platform.url}/api/v1/events`);
    await opened(reader);

    const started = performance.now();
    const stopping = api?.stop();
    await reading;
    const elapsed = performance.now() - started;

    expect((await stopping)?.code).toBe(0);
    expect(elapsed).toBeLessThan(onBusyMachine(2_000));
    await api?.start();
  });
});
