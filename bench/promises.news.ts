import { EventReader } from '../test/event-reader.ts';
import type { Platform } from '../test/platform.ts';
import { startPostgresql } from '../test/servers/postgresql.server.ts';
import { startRedis } from '../test/servers/redis.server.ts';
import { cancel, createTask, eventually, hasEnded, platformOf, runs, taskWhen } from './promises.platform.ts';
import type { Promises } from './promises.ts';

const ROUNDS = 5;
const WAITERS = 50;
const HEARD_MS = 1_000;
const FOR_EVER = { delay_ms: 600_000 };

/** Who waits for the end of a task, or reads its events, hears of it soon, also from another process. */
export async function measureNews(promises: Promises): Promise<void> {
  {
    await using platform = await platformOf();
    for (let round = 0; round < ROUNDS; round++) await hear(promises, platform, 'in one process');
  }
  await using postgresql = await startPostgresql();
  await using redis = await startRedis();
  const env = { DATABASE_URL: postgresql.url, REDIS_URL: redis.url };
  await using platform = await platformOf({ env, roles: ['api', 'worker', 'api'] });
  for (let round = 0; round < ROUNDS; round++) await hear(promises, platform, 'in another process');
}

/** The last process is asked, and the first one told. */
async function hear(promises: Promises, platform: Platform, where: string): Promise<void> {
  const url = platform.processes.at(-1)?.url ?? platform.url;
  const id = await createTask(platform, 'echo', FOR_EVER);
  await taskWhen(platform, id, 'the task runs', runs);
  const reader = new EventReader(platform.credentials);
  const reading = reader.read(`${url}/api/v1/tasks/${id}/events`);
  await eventually(() => reader.data('status').length > 0, 'the events are read');
  const headers = { ...platform.credentials, prefer: 'wait=25' };
  const answers = Array.from({ length: WAITERS }, async () => {
    await (await fetch(`${url}/api/v1/tasks/${id}`, { headers })).text();
    return Date.now();
  });
  await cancel(platform, id);
  const answered = await Promise.all(answers);
  await reading;

  const { finished_at } = await taskWhen(platform, id, 'the task is cancelled', hasEnded);
  const ended = Date.parse(String(finished_at));
  promises.note(`the last of ${WAITERS} who wait ${where} is answered`, HEARD_MS, Math.max(...answered) - ended);
  const told = reader.events.find(({ type }) => type === 'result')?.at ?? Number.NaN;
  promises.note(`who reads events ${where} is told of the end`, HEARD_MS, told - ended);
}
