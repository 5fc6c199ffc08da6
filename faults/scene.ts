import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import { until } from '../test/conditions.ts';
import { type Platform, type PlatformProcess, type Role, startPlatform } from '../test/platform.ts';
import { type SwallowingProxy, startSwallowingProxy } from '../test/queue/swallowing-proxy.ts';
import { TemporaryHome } from '../test/servers/temporary-home.ts';
import type { ServerProcess } from '../test/servers/server-process.ts';
import { Client } from './client.ts';
import { type Ground, type GroundOptions, openGround, type StackName } from './ground.ts';
import type { TaskRow } from './checker/rows.ts';
import { History, isTerminal } from './history.ts';
import { Truth } from './truth.ts';
import { batch, echo, type Random, type Work } from './work.ts';

/** Tools that do harm live with the tests, never in the product. */
const PLUGINS_DIR = join(import.meta.dirname, '..', 'test', 'sandbox', 'plugins');
/** Tasks at a time in one worker. */
export const CONCURRENCY = 4;
const POLL_MS = 150;
const SETTLE_MS = 120_000;

/** How large a row is played: whole, or as a short selection that every test run can afford. */
export interface Size {
  /** Acknowledged tasks where loss is what is looked for. */
  readonly tasks: number;
  /** Milliseconds for which a server is gone or stands still. */
  readonly outageMs: number;
  /** How often a moment is tried that can only be met by chance. */
  readonly rounds: number;
}

export const WHOLE: Size = { tasks: 200, outageMs: 30_000, rounds: 10 };
export const SHORT: Size = { tasks: 40, outageMs: 3_000, rounds: 2 };

export interface SceneOptions extends GroundOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** The first process with this role reaches Redis through a proxy that can swallow. Without Redis it means nothing. */
  readonly proxied?: Role;
}

type Parts = Pick<Scene, 'stack' | 'size' | 'random' | 'ground' | 'platform' | 'home' | 'proxy'>;

/** One platform on servers of its own, one client, and all that is known of them. */
export class Scene implements AsyncDisposable {
  readonly history = new History();
  readonly client: Client;
  readonly truth: Truth;
  private watching = true;
  private readonly watch: Promise<void>;

  readonly stack: StackName;
  readonly size: Size;
  readonly random: Random;
  readonly ground: Ground;
  readonly platform: Platform;
  /** For files of the harness itself. */
  readonly home: TemporaryHome;

  readonly proxy: SwallowingProxy | undefined;

  private constructor(parts: Parts, name: string) {
    ({ stack: this.stack, size: this.size, random: this.random } = parts);
    ({ ground: this.ground, platform: this.platform, home: this.home, proxy: this.proxy } = parts);
    this.client = new Client(this.platform, this.history, name);
    this.truth = new Truth(this.ground, this.platform);
    this.watch = this.lookAgainAndAgain();
  }

  static async open(name: string, of: Pick<Scene, 'stack' | 'size' | 'random'>, options: SceneOptions): Promise<Scene> {
    await using opening = new AsyncDisposableStack();
    const home = opening.use(await TemporaryHome.open());
    const ground = opening.use(await openGround(of.stack, options));
    const env = { PLUGINS_DIR, WORKER_CONCURRENCY: String(CONCURRENCY), ...ground.env, ...options.env };
    const proxy =
      options.proxied && ground.redis ? opening.use(await startSwallowingProxy(ground.redis.url)) : undefined;
    const platform = opening.use(await startPlatform({ env, roles: [] }));
    for (const [index, role] of rolesOf(of.stack).entries()) {
      const isFirst = rolesOf(of.stack).indexOf(role) === index;
      await platform.start(role, proxy && isFirst && role === options.proxied ? { REDIS_URL: proxy.url } : {});
    }
    opening.move();
    return new Scene({ ...of, ground, platform, home, proxy }, name);
  }

  get redis(): ServerProcess {
    if (!this.ground.redis) throw new Error('There is no Redis on this stack.');
    return this.ground.redis;
  }

  get postgresql(): ServerProcess {
    if (!this.ground.postgresql) throw new Error('There is no PostgreSQL on this stack.');
    return this.ground.postgresql;
  }

  /** Processes that run tasks. */
  get workers(): PlatformProcess[] {
    return this.platform.processes.filter(({ role }) => role !== 'api');
  }

  /** Asks for a mixed batch. Answers the ids of what was accepted. */
  async submit(count: number): Promise<string[]> {
    return this.client.submitAll(await this.batch(count));
  }

  batch(count: number): Promise<Work[]> {
    return batch(this.random, this.home.path, count);
  }

  /** Asks for a task that runs so long, and waits until it runs. */
  async running(delayMs: number): Promise<string> {
    const id = await this.client.submit(echo('long', delayMs));
    if (id === undefined) throw new Error('A task was refused before anything was broken.');
    const isRunning = async () => (await this.client.look(id))?.status === 'processing';
    await until(isRunning, { timeoutMs: SETTLE_MS, describe: `the task ${id} runs` });
    return id;
  }

  /** Seconds until a new task is done and the platform says that it is ready. */
  async secondsUntilWorking(): Promise<number> {
    const started = performance.now();
    const isDone = async () => {
      const id = await this.client.submit(echo('probe', 0));
      return id !== undefined && (await this.client.isReady()) && (await this.hasFinished([id], 30_000));
    };
    await until(isDone, { timeoutMs: SETTLE_MS, describe: 'the platform works again' });
    return (performance.now() - started) / 1_000;
  }

  /** The tasks that the database gives to the worker with this process id. */
  async heldBy(pid: number): Promise<TaskRow[]> {
    const rows = await this.truth.tasks();
    return rows.filter(({ status, leaseOwner }) => status === 'processing' && leaseOwner?.includes(`:${pid}:`));
  }

  /** Waits until each of these tasks runs in another attempt, or has ended. */
  async takenBack(held: readonly TaskRow[]): Promise<void> {
    const before = new Map(held.map(({ id, attempt }) => [id, attempt]));
    const isElsewhere = ({ id, status, attempt }: TaskRow): boolean =>
      isTerminal(status) || (status === 'processing' && attempt > Number(before.get(id)));
    const areTaken = async () => (await this.truth.tasks()).filter((row) => before.has(row.id)).every(isElsewhere);
    await until(areTaken, { timeoutMs: SETTLE_MS, describe: 'the tasks of a dead worker run elsewhere' });
  }

  /** Whether all of them finish in time. */
  async hasFinished(ids: readonly string[], timeoutMs = SETTLE_MS): Promise<boolean> {
    const wanted = new Set(ids);
    const isDone = () => !this.history.unfinished().some(({ id }) => wanted.has(id));
    return until(isDone, { timeoutMs, describe: 'the tasks are finished' }).then(
      () => true,
      () => false,
    );
  }

  /**
   * Waits until every task is finished, or never will be, and looks once more at all of them. Those whose answer got
   * lost count, too.
   */
  async settle(): Promise<void> {
    const areFinished = async () => (await this.truth.tasks()).every(({ status }) => isTerminal(status));
    await until(areFinished, { timeoutMs: SETTLE_MS, describe: 'every task is finished' }).catch(() => {});
    this.watching = false;
    await this.watch;
    await this.client.lookAtAll();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.watching = false;
    await this.watch;
    await this.platform[Symbol.asyncDispose]();
    await this.proxy?.[Symbol.asyncDispose]();
    await this.ground[Symbol.asyncDispose]();
    await this.home[Symbol.asyncDispose]();
  }

  /** As a page in a browser does: it would see a status that goes back. */
  private async lookAgainAndAgain(): Promise<void> {
    while (this.watching) {
      if (this.history.unfinished().length > 0) await this.client.lookAtAll();
      await sleep(POLL_MS);
    }
  }
}

function rolesOf(stack: StackName): Role[] {
  return stack === 'embedded' ? ['all'] : ['api', 'worker', 'worker'];
}
