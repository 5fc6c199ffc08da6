import { describe, expect, it } from '@jest/globals';
import { COMBINATIONS } from '../combinations.js';
import { until } from '../conditions.js';
import { multipart } from '../multipart.js';
import type { Platform, PlatformProcess } from '../platform.js';
import { RawConnection, requestHead } from '../raw-http.js';
import { isAlive } from '../servers/process-table.js';
import { onBusyMachine } from '../time.limits.js';
import { cancelTask, createTask, listFiles, readTask, taskIn, upload } from './client.js';
import { type Grounded, startOn } from './grounds.js';
import { asResponse, problemOf } from './problem.js';
import { storedFiles, toolProcesses, traces } from './traces.js';

const GRACE_MS = 2_500;
const ENV = { SHUTDOWN_GRACE_MS: String(GRACE_MS), WORKER_CONCURRENCY: '2' };
const FOR_EVER = { delay_ms: 600_000 };
/** Longer than a server takes to end that does not wait for it, however busy the machine is. */
const LONG_GRACE_MS = 60_000;
const PATIENT = { ...ENV, SHUTDOWN_GRACE_MS: String(LONG_GRACE_MS) };
const ENDED_MS = 2_500;
const TEST_MS = 120_000;

const [EMBEDDED] = COMBINATIONS;
const SCALED = COMBINATIONS.find(({ name }) => name === 'PostgreSQL and Bull');
if (!EMBEDDED || !SCALED) throw new Error('The combinations have other names by now.');

/** Asks to stop without waiting for it, and answers the exit code with the milliseconds that it took. */
async function stop(member: PlatformProcess): Promise<{ code: number | null; ms: number }> {
  const started = performance.now();
  const { code } = await member.stop();
  return { code, ms: performance.now() - started };
}

interface Half {
  readonly connection: RawConnection;
  readonly rest: Buffer;
}

const form = multipart([
  { name: 'file', filename: 'one.txt', content: Buffer.from('one\n') },
  { name: 'file', filename: 'two.txt', content: Buffer.from('two\n'.repeat(5_000)) },
]);
const taskForm = multipart([
  { name: 'options', content: '{"names":["a.txt"]}' },
  { name: 'file', filename: 'one.txt', content: Buffer.from('one\n'.repeat(5_000)) },
]);
const UPLOADS = {
  'a form with files': { path: '/api/v1/files', type: form.contentType, body: form.body, status: 201 },
  'a file as the body': {
    path: '/api/v1/files',
    type: 'text/plain',
    body: Buffer.from('text\n'.repeat(5_000)),
    status: 201,
  },
  'a form for a task': {
    path: '/api/v1/tools/copies/process',
    type: taskForm.contentType,
    body: taskForm.body,
    status: 202,
  },
};
type Upload = (typeof UPLOADS)[keyof typeof UPLOADS];

/** Sends all but the last bytes of an upload, and waits until the server has read them. */
async function begin(platform: Platform, { path, type, body }: Upload): Promise<Half> {
  const connection = await RawConnection.open(platform.url);
  await connection.send(
    requestHead('POST', path, { ...platform.credentials, 'Content-Type': type, 'Content-Length': body.length }),
  );
  const at = body.length - 100;
  await connection.send(body.subarray(0, at));
  await until(async () => (await storedFiles(platform)).length > 0, { describe: 'the upload is under way' });
  await connection.settled();
  return { connection, rest: body.subarray(at) };
}

/** Clocks are waited for more than work is done, so these run side by side. */
describe('a server that is asked to stop', () => {
  it.concurrent.each(Object.entries(UPLOADS))(
    'lets an upload end that ends in time: %s',
    async (_, wanted) => {
      await using ground: Grounded = await startOn(EMBEDDED, { env: PATIENT });
      const { platform } = ground;
      const { connection, rest } = await begin(platform, wanted);
      await using _connection = connection;

      const stopped = stop(platform.process('all'));
      await until(() => platform.get('/health').catch(() => true), { describe: 'it has heard the signal' });
      await connection.send(rest);
      const response = await connection.response();

      expect(response.status).toBe(wanted.status);
      const { code, ms } = await stopped;
      expect(code).toBe(0);
      await until(() => connection.closed, { describe: 'the connection is ended' });
      expect(ms).toBeLessThan(onBusyMachine(ENDED_MS));
      await platform.process('all').start();
      const { data } = await listFiles(platform);
      const { files } = await traces(platform);
      expect(data.length).toBeGreaterThan(0);
      expect(files.length).toBeGreaterThanOrEqual(data.length);
    },
    TEST_MS,
  );

  it.concurrent.each(Object.entries(UPLOADS))(
    'refuses an upload that does not, and leaves nothing of it: %s',
    async (_, wanted) => {
      await using ground: Grounded = await startOn(EMBEDDED, { env: ENV });
      const { platform } = ground;
      const { connection } = await begin(platform, wanted);
      await using _connection = connection;

      const { code, ms } = await stop(platform.process('all'));
      const response = asResponse(await connection.response());

      expect(code).toBe(0);
      expect(ms).toBeGreaterThan(GRACE_MS - 100);
      expect(ms).toBeLessThan(GRACE_MS + onBusyMachine(4_000));
      expect(response.headers.get('connection')).toBe('close');
      await expect(problemOf(response)).resolves.toMatchObject({ status: 503, error: { code: 'unavailable' } });
      await expect(traces(platform)).resolves.toEqual({ files: [], rows: [0, 0] });
    },
    TEST_MS,
  );

  it.concurrent(
    'gives what does not end in time to another worker at once, and the attempt does not count',
    async () => {
      await using ground: Grounded = await startOn(SCALED, { roles: ['api', 'worker'], env: ENV });
      const { platform } = ground;
      const [short, long] = [
        await createTask(platform, 'echo', { options: { delay_ms: 1_000 } }),
        await createTask(platform, 'echo', { options: FOR_EVER }),
      ];
      await Promise.all([short, long].map(({ task_id }) => taskIn(platform, task_id, ['processing'])));
      const other = await platform.start('worker');

      const stopped = stop(platform.process('worker'));
      const heard = performance.now();
      await until(async () => (await fetch(`${platform.process('worker').url}/ready`)).status === 503, {
        describe: 'it says that it stops',
      });
      const unreadyMs = performance.now() - heard;
      const { code, ms } = await stopped;
      const again = await taskIn(platform, long.task_id, ['processing'], onBusyMachine(2_000));
      await until(() => other.descendants().length > 0, { describe: 'the other worker runs it' });
      await cancelTask(platform, long.task_id);

      expect([code, again.attempt]).toEqual([0, 1]);
      expect(unreadyMs).toBeLessThan(GRACE_MS);
      expect(ms).toBeLessThan(GRACE_MS + onBusyMachine(3_000));
      await expect(readTask(platform, short.task_id)).resolves.toMatchObject({ status: 'completed', attempt: 1 });
    },
    TEST_MS,
  );

  it.concurrent(
    'takes nothing new, and what comes meanwhile is not lost',
    async () => {
      await using ground: Grounded = await startOn(SCALED, { roles: ['api', 'worker'], env: ENV });
      const { platform } = ground;
      const running = await createTask(platform, 'echo', { options: { delay_ms: 1_000 } });
      await taskIn(platform, running.task_id, ['processing']);

      const stopped = stop(platform.process('worker'));
      await until(async () => (await fetch(`${platform.process('worker').url}/ready`)).status === 503, {
        describe: 'it says that it stops',
      });
      const late = await createTask(platform, 'echo');
      const { code } = await stopped;
      const afterwards = await readTask(platform, late.task_id);
      await platform.process('worker').start();

      expect([code, afterwards.status]).toEqual([0, 'pending']);
      await expect(taskIn(platform, late.task_id, ['completed'])).resolves.toMatchObject({ attempt: 1 });
      await expect(readTask(platform, running.task_id)).resolves.toMatchObject({ status: 'completed', attempt: 1 });
    },
    TEST_MS,
  );

  it.concurrent(
    'as an api of its own, ends when it has nothing more to do, whoever keeps a connection open',
    async () => {
      await using ground: Grounded = await startOn(SCALED, { roles: ['api', 'worker'], env: PATIENT });
      const { platform } = ground;
      await upload(platform, 'text.txt', 'text\n');
      await using idle = await RawConnection.open(platform.url);
      await idle.send(requestHead('GET', '/health', { Connection: 'keep-alive' }));
      await idle.response();

      const { code, ms } = await stop(platform.process('api'));

      expect(code).toBe(0);
      expect(ms).toBeLessThan(onBusyMachine(ENDED_MS));
    },
    TEST_MS,
  );

  it.concurrent.each(['SIGTERM', 'SIGINT'] as const)(
    'ends at once when it is asked a second time, by %s, with all that its tools do',
    async (signal) => {
      await using ground: Grounded = await startOn(EMBEDDED, { env: { ...ENV, SHUTDOWN_GRACE_MS: '600000' } });
      const { platform } = ground;
      const { task_id } = await createTask(platform, 'burn');
      await until(async () => (await readTask(platform, task_id)).progress.message === 'Burning', {
        describe: 'the tool burns',
      });
      const server = platform.process('all');
      const { pid } = server;
      const tools = toolProcesses(platform, 'workshop');

      const ended = server.stop();
      await until(async () => (await platform.get('/ready')).status === 503, { describe: 'it says that it stops' });
      const asked = performance.now();
      process.kill(pid, signal);
      const { code } = await ended;

      expect(code).toBe(1);
      expect(performance.now() - asked).toBeLessThan(onBusyMachine(2_000));
      expect(tools).toHaveLength(1);
      expect(tools.filter(isAlive)).toEqual([]);
    },
    TEST_MS,
  );
});
