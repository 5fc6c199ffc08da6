import { setTimeout as sleep } from 'node:timers/promises';
import { SERVER_RECOVERY_S } from '../checker/recovery.ts';
import { ON_REDIS, type Performed, type Row } from '../row.ts';
import type { Scene } from '../scene.ts';
import { useRedis } from '../truth.ts';
import { during } from '../outage.ts';

/** I6, I7: a crash in the middle of a batch; some tasks come before it, some while Redis is gone, some after. */
async function crash(scene: Scene): Promise<Performed> {
  const quarter = Math.ceil(scene.size.tasks / 4);
  await scene.submit(2 * quarter);
  return during(
    scene,
    () => scene.redis.kill(),
    () => scene.submit(quarter),
    () => scene.redis.start(),
  ).then(async (performed) => {
    await scene.submit(quarter);
    return performed;
  });
}

/** I8, I9, I10: it comes back with all that it had. */
function away(breakIt: (scene: Scene) => unknown, mendIt: (scene: Scene) => unknown) {
  return async (scene: Scene): Promise<Performed> => {
    await scene.submit(scene.size.tasks / 2);
    return during(
      scene,
      () => breakIt(scene),
      () => scene.submit(scene.size.tasks / 4),
      () => mendIt(scene),
    );
  };
}

/** I11: everything is forgotten while Redis goes on as if nothing had been. */
async function flush(scene: Scene): Promise<Performed> {
  const third = Math.ceil(scene.size.tasks / 3);
  for (let part = 0; part < 3; part++) {
    await scene.submit(third);
    await sleep(scene.random(300));
    await useRedis(scene.redis.url, (redis) => redis.flushall());
  }
  const seconds = await scene.secondsUntilWorking();
  return { recovery: { seconds, limit: SERVER_RECOVERY_S }, answersInTime: true };
}

/** Less than an empty Redis takes: every command that could need memory is refused. */
const fill = (scene: Scene) => useRedis(scene.redis.url, (redis) => redis.config('SET', 'maxmemory', '1mb'));
const empty = (scene: Scene) => useRedis(scene.redis.url, (redis) => redis.config('SET', 'maxmemory', '0'));

export const REDIS_ROWS: readonly Row[] = [
  { id: 'I6', fault: 'Redis is killed and comes back, with AOF', stacks: ON_REDIS, perform: crash },
  {
    id: 'I7',
    fault: 'Redis is killed and comes back empty, without AOF',
    stacks: ON_REDIS,
    scene: { appendOnly: false },
    perform: crash,
  },
  {
    id: 'I8',
    fault: 'Redis is stopped for 30 s',
    stacks: ON_REDIS,
    perform: away(
      (scene) => scene.redis.stop(),
      (scene) => scene.redis.start(),
    ),
  },
  {
    id: 'I9',
    fault: 'Redis stands still for 30 s',
    stacks: ON_REDIS,
    perform: away(
      (scene) => scene.redis.pause(),
      (scene) => scene.redis.resume(),
    ),
  },
  { id: 'I10', fault: 'Redis is full for 30 s', stacks: ON_REDIS, perform: away(fill, empty) },
  { id: 'I11', fault: 'Redis is flushed three times', stacks: ON_REDIS, perform: flush },
];
