import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { ON_REDIS, type Performed, type Row } from '../row.ts';
import type { Scene } from '../scene.ts';
import { useRedis } from '../truth.ts';

const QUEUE = 'toolyard:tasks';
const FIVE_MEGABYTES = 5_000_000;

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

/** I30 waits for something that is not there yet, and says so. */
const DUPLICATE: Row = {
  id: 'I30',
  fault: 'the same request comes many times',
  stacks: { embedded: 'not built (issue 4)', scaled: 'not built (issue 4)' },
  perform: () => Promise.reject(new Error('There is no Idempotency-Key yet.')),
};

export const REQUEST_ROWS: readonly Row[] = [
  { id: 'I25', fault: 'jobs in Redis that nobody can read', stacks: ON_REDIS, perform: corrupt },
  DUPLICATE,
];
