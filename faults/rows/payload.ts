import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { EVERYWHERE, ON_REDIS, type Performed, type Row } from '../row.ts';
import type { Scene } from '../scene.ts';
import { useRedis } from '../truth.ts';
import { echo, hash } from '../work.ts';

const QUEUE = 'toolyard:tasks';
const FIVE_MEGABYTES = 5_000_000;
/** How often the same request is sent at once. */
const TIMES = 50;

/** Jobs that nobody of us has written, as they would lie in Redis; none has what a ring must have. */
function corruptJobs(): Readonly<Record<string, string>>[] {
  const good = job({ version: 1, id: `${randomUUID()}:0` });
  return [
    { ...good, data: '{bad' },
    { ...good, opts: '{bad' },
    { ...good, opts: 'null' },
    { ...good, data: '' },
    { ...good, name: 'somebody-else' },
    ...[7, null, [], {}, { version: 1 }, { version: 1, id: 7 }, { version: 1, id: ['x'] }].map(job),
    job({ version: 2, id: randomUUID() }),
    job({ version: 1, id: 'x'.repeat(FIVE_MEGABYTES) }),
    // A task that never was.
    good,
  ];
}

function job(data: unknown): Readonly<Record<string, string>> {
  return { name: '__default__', data: JSON.stringify(data), opts: '{}', timestamp: '0' };
}

/** I25: they come among the rings of real tasks, and no worker dies of them or forgets what else there is to do. */
async function corrupt(scene: Scene): Promise<Performed> {
  const pids = scene.workers.map(({ pid }) => pid);
  const submitting = scene.submit(scene.size.tasks);
  await useRedis(scene.redis.url, async (redis) => {
    for (const job of corruptJobs()) await push(redis, job);
    // A ring whose job is gone.
    await redis.lpush(`${QUEUE}:wait`, randomUUID());
  });
  const ids = await submitting;
  await scene.hasFinished(ids);
  if (!scene.workers.every(({ running, pid }) => running && pids.includes(pid)))
    throw new Error('A worker ended because of a job that cannot be read.');
  return {};
}

async function push(redis: Redis, job: Readonly<Record<string, string>>): Promise<void> {
  const id = randomUUID();
  await redis.hset(`${QUEUE}:${id}`, job);
  await redis.lpush(`${QUEUE}:wait`, id);
}

/**
 * I30: of fifty equal requests with one Idempotency-Key one makes a task, and the others are given its answer or told to
 * come again; who asks for something else with that key afterwards is refused.
 */
async function repeat(scene: Scene): Promise<Performed> {
  const submitting = scene.submit(scene.size.tasks);
  const once: string[] = [];
  for (let round = 0; round < scene.size.rounds; round++) {
    const [key, work] = [randomUUID(), round % 2 === 0 ? echo(`once ${round}`, 100) : hash(scene.random)];
    const first = await scene.client.submitRepeatedly(work, key, TIMES);
    expectOnly(first.statuses, [202, 409]);
    if (first.ids.length !== 1) throw new Error(`${TIMES} equal requests named ${first.ids.length} tasks.`);
    const other = await scene.client.submitRepeatedly(echo(`another ${round}`, 0), key, 5);
    expectOnly(other.statuses, [422]);
    once.push(...first.ids);
  }
  await scene.hasFinished([...once, ...(await submitting)]);
  return {};
}

function expectOnly(statuses: readonly number[], allowed: readonly number[]): void {
  const wrong = statuses.filter((status) => !allowed.includes(status));
  if (wrong.length > 0) throw new Error(`Equal requests were answered with ${[...new Set(wrong)].join(', ')}.`);
}

export const REQUEST_ROWS: readonly Row[] = [
  { id: 'I25', fault: 'jobs in Redis that nobody can read', stacks: ON_REDIS, perform: corrupt },
  { id: 'I30', fault: 'the same request comes fifty times at once', stacks: EVERYWHERE, perform: repeat },
];
