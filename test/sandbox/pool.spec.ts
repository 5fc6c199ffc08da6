import { readdir, rm } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Launcher } from '../../src/sandbox/launcher.js';
import { Pool, type PoolLimits } from '../../src/sandbox/pool.js';
import type { Slot } from '../../src/sandbox/slot.js';
import { WorkDirectory } from '../../src/sandbox/work.directory.js';
import { until } from '../conditions.ts';
import { groupLives, pluginNamed, stage, temporaryDirectory, unhurried } from './sandbox.harness.ts';

const MEMORY_MB = 128;
const LIMITS: PoolLimits = { maxIdle: 2, maxRuns: 100, minAgeMs: 0, idleMs: 60_000 };
const good = pluginNamed('good');

let root: string;
let work: WorkDirectory;
let pool: Pool;

beforeEach(async () => {
  root = await temporaryDirectory();
  work = await WorkDirectory.open(root);
});

afterEach(async () => {
  await pool.close();
  await work.close();
  await rm(root, { recursive: true });
});

const open = (limits: Partial<PoolLimits> = {}): Pool =>
  new Pool(async () => work, new Launcher(() => ({})), { ...LIMITS, ...limits });

const echo = async (slot: Slot) => slot.run(await stage(slot, { tool: 'echo.tool.ts' }), unhurried);

const isEnded = (pid: number | undefined) =>
  until(() => pid !== undefined && !groupLives(pid), { describe: 'the child is ended' });

describe('the pool of children', () => {
  it('uses a child again, and keeps its directory', async () => {
    pool = open();
    const first = await pool.acquire(good, MEMORY_MB);
    await echo(first);
    first.release();

    const second = await pool.acquire(good, MEMORY_MB);

    expect(second.pid).toBe(first.pid);
    expect(second.directory).toBe(first.directory);
  });

  it('gives the child that was used last', async () => {
    pool = open();
    const [first, second] = await Promise.all([pool.acquire(good, MEMORY_MB), pool.acquire(good, MEMORY_MB)]);
    second.release();
    first.release();

    const third = await pool.acquire(good, MEMORY_MB);

    expect(third.pid).toBe(first.pid);
  });

  it.each([
    ['another plugin', pluginNamed('hostile'), MEMORY_MB],
    ['another content', { ...good, hash: 'other' }, MEMORY_MB],
    ['other memory', good, MEMORY_MB + 1],
  ])('never gives the child to %s', async (_, plugin, memoryMb) => {
    pool = open();
    const first = await pool.acquire(good, MEMORY_MB);
    first.release();

    const second = await pool.acquire(plugin, memoryMb);

    expect(second.pid).not.toBe(first.pid);
  });

  it('never gives a child to two', async () => {
    pool = open();
    const first = await pool.acquire(good, MEMORY_MB);
    first.release();
    first.release();

    const [second, third] = await Promise.all([pool.acquire(good, MEMORY_MB), pool.acquire(good, MEMORY_MB)]);

    expect(second.pid).not.toBe(third.pid);
  });

  it('replaces a child after so many runs', async () => {
    pool = open({ maxRuns: 2 });
    const pids: (number | undefined)[] = [];
    for (let run = 0; run < 3; run += 1) {
      const slot = await pool.acquire(good, MEMORY_MB);
      await echo(slot);
      pids.push(slot.pid);
      slot.release();
    }

    expect(pids[1]).toBe(pids[0]);
    expect(pids[2]).not.toBe(pids[1]);
    await isEnded(pids[0]);
  });

  it('does not replace a young child, however often it has run', async () => {
    pool = open({ maxRuns: 1, minAgeMs: 60_000 });
    const first = await pool.acquire(good, MEMORY_MB);
    await echo(first);
    first.release();

    const second = await pool.acquire(good, MEMORY_MB);

    expect(second.pid).toBe(first.pid);
  });

  it('replaces a child whose run did not end well, and removes its directory', async () => {
    pool = open();
    const first = await pool.acquire(good, MEMORY_MB);
    await first.run(await stage(first, { tool: 'missing.tool.ts' }), unhurried);
    first.release();

    const second = await pool.acquire(good, MEMORY_MB);

    expect(second.pid).not.toBe(first.pid);
    await until(async () => (await readdir(work.path)).length === 1, { describe: 'the first directory is removed' });
  });

  it('does not give a child that has died while it waited', async () => {
    pool = open();
    const first = await pool.acquire(good, MEMORY_MB);
    first.release();
    process.kill(first.pid ?? 0, 'SIGKILL');
    await isEnded(first.pid);

    const second = await pool.acquire(good, MEMORY_MB);

    await expect(echo(second)).resolves.toMatchObject({ type: 'done' });
  });

  it('ends the child that has waited longest when too many wait', async () => {
    pool = open({ maxIdle: 1 });
    const [first, second] = await Promise.all([pool.acquire(good, MEMORY_MB), pool.acquire(good, MEMORY_MB)]);

    first.release();
    second.release();

    await isEnded(first.pid);
    await expect(pool.acquire(good, MEMORY_MB)).resolves.toMatchObject({ pid: second.pid });
  });

  it('ends a child that has waited for long', async () => {
    pool = open({ idleMs: 60 });
    const slot = await pool.acquire(good, MEMORY_MB);

    slot.release();

    await expect(isEnded(slot.pid)).resolves.toBe(true);
  });

  it('ends every child when it closes, also one that works, and starts no more', async () => {
    pool = open();
    const slot = await pool.acquire(good, MEMORY_MB);
    const idle = await pool.acquire(good, MEMORY_MB);
    idle.release();
    const request = await stage(slot, { tool: 'work.tool.ts', options: { stepMs: 100_000 } });
    const running = slot.run(request, unhurried);

    await pool.close();

    await expect(running).resolves.toMatchObject({ type: 'crashed', kind: 'signal' });
    expect([slot.pid, idle.pid].map((pid) => groupLives(pid ?? 0))).toEqual([false, false]);
    await expect(readdir(work.path)).resolves.toEqual([]);
    await expect(pool.acquire(good, MEMORY_MB)).rejects.toThrow('The sandbox is closed.');
  });

  it('says so when a child cannot be started, and leaves nothing of it', async () => {
    pool = open();

    await expect(pool.acquire({ ...good, directory: '/a*' }, MEMORY_MB)).rejects.toThrow('because it has a star in it');
    await expect(readdir(work.path)).resolves.toEqual([]);
  });
});
