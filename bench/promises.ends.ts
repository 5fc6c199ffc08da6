import type { Platform, PlatformProcess } from '../test/platform.ts';
import { sandboxProcesses } from '../test/flows/traces.ts';
import { startPostgresql } from '../test/servers/postgresql.server.ts';
import { startRedis } from '../test/servers/redis.server.ts';
import { cancel, createTask, eventually, hasEnded, HOSTILE, platformOf, runs, taskWhen } from './promises.platform.ts';
import type { Promises } from './promises.ts';

const ROUNDS = 5;
/** A worker that died is missed when its lease runs out. That takes a while, so it is seen less often. */
const DEATHS = 3;
const GONE_MS = 2_000;
/** What the tool `spin` is allowed. */
const SPIN_MS = 2_000;
const GRACE_MS = 1_000;
/** After the grace: for the tools to end, and all else to be closed. */
const CLOSING_MS = 3_000;
const ELSEWHERE_MS = 20_000;
const FOR_EVER = { delay_ms: 600_000 };

/** DESIGN §7.3, §7.5 and §7.9: what ends, ends in time. */
export async function measureEnds(promises: Promises): Promise<void> {
  {
    await using platform = await platformOf();
    for (let round = 0; round < ROUNDS; round++) {
      await cancelled(promises, platform);
      await timedOut(promises, platform);
    }
  }
  {
    await using platform = await platformOf({ env: { SHUTDOWN_GRACE_MS: String(GRACE_MS) } });
    for (let round = 0; round < ROUNDS; round++) await toldToStop(promises, platform);
  }
  {
    await using platform = await platformOf({ env: { PLUGINS_DIR: HOSTILE } });
    for (let round = 0; round < ROUNDS; round++) await cancelledInVain(promises, platform);
  }
  await diedWorkers(promises);
}

/** Until nothing of it is there: neither the tool nor what stands around it. */
function gone(platform: Platform, plugin: string): Promise<unknown> {
  return eventually(() => sandboxProcesses(platform, plugin).length === 0, 'the processes of the tool are gone');
}

async function cancelled(promises: Promises, platform: Platform): Promise<void> {
  const id = await burning(platform);
  await promises.time('gone after a cancel: a tool that burns time', GONE_MS, async () => {
    await cancel(platform, id);
    await gone(platform, 'workshop');
  });
}

async function cancelledInVain(promises: Promises, platform: Platform): Promise<void> {
  const id = await createTask(platform, 'hostile', { deed: 'ignoreSigterm' });
  const { started_at } = await taskWhen(platform, id, 'the tool runs', runs);
  // It says nothing of itself, so this waits until it has certainly begun to ignore signals.
  await eventually(() => Date.now() - Date.parse(String(started_at)) > 1_000, 'the tool does not listen');
  await promises.time('gone after a cancel: a tool that ignores SIGTERM', GONE_MS, async () => {
    await cancel(platform, id);
    await gone(platform, 'hostile');
  });
}

async function timedOut(promises: Promises, platform: Platform): Promise<void> {
  const id = await createTask(platform, 'spin');
  const { started_at } = await taskWhen(platform, id, 'the tool runs', runs);
  await taskWhen(platform, id, 'the task has failed', hasEnded);
  await gone(platform, 'workshop');
  const deadline = Date.parse(String(started_at)) + SPIN_MS;
  promises.note('gone, and the task failed, after its time was over', GONE_MS, Date.now() - deadline);
}

/** With a task that does not end in the grace. */
async function toldToStop(promises: Promises, platform: Platform): Promise<void> {
  const id = await burning(platform);
  const server = platform.process('all');
  const unready = promises.time('/ready is 503 after SIGTERM', 1_000, async () => {
    await eventually(async () => (await platform.get('/ready')).status === 503, 'it says that it stops');
  });
  const started = performance.now();
  await Promise.all([server.stop(), unready]);
  const late = performance.now() - started - GRACE_MS;
  promises.note('ended with all its tools after SIGTERM and the grace', CLOSING_MS, late);
  await server.start();
  await cancel(platform, id);
}

async function burning(platform: Platform): Promise<string> {
  const id = await createTask(platform, 'burn');
  await taskWhen(platform, id, 'the tool burns', ({ progress }) => progress.message === 'Burning');
  return id;
}

async function diedWorkers(promises: Promises): Promise<void> {
  await using postgresql = await startPostgresql();
  await using redis = await startRedis();
  const env = { DATABASE_URL: postgresql.url, REDIS_URL: redis.url };
  await using platform = await platformOf({ env, roles: ['api', 'worker'] });
  let busy = platform.process('worker');
  let other: PlatformProcess | undefined;
  for (let round = 0; round < DEATHS; round++) {
    const id = await createTask(platform, 'echo', FOR_EVER);
    await taskWhen(platform, id, 'the task runs', runs);
    if (other) await other.start();
    else other = await platform.start('worker');
    await busy.kill();
    await promises.time('runs elsewhere after its worker was killed', ELSEWHERE_MS, () =>
      taskWhen(platform, id, 'it runs elsewhere', (task) => task.attempt === 2 && runs(task)),
    );
    await cancel(platform, id);
    [busy, other] = [other, busy];
  }
}
