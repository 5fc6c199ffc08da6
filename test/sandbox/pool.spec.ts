import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { detect } from '../../src/sandbox/detection.js';
import type { Launcher } from '../../src/sandbox/launcher.js';
import { Pool, type PoolLimits } from '../../src/sandbox/pool.js';
import type { Slot } from '../../src/sandbox/slot.js';
import { WorkDirectory } from '../../src/sandbox/work.directory.js';
import { until } from '../conditions.ts';
import { groupLives, perform, pluginNamed, SMALL, stage, temporaryDirectory, unhurried } from './sandbox.harness.ts';

const LIMITS: PoolLimits = { maxIdle: 2, maxRuns: 100, minAgeMs: 0, idleMs: 60_000 };
const good = pluginNamed('good');

let root: string;
let work: WorkDirectory;
let launcher: Launcher;
let pool: Pool;

beforeEach(async () => {
  root = await temporaryDirectory();
  work = await WorkDirectory.open(root);
  ({ launcher } = await detect('auto', work, () => ({})));
});

afterEach(async () => {
  await pool.close();
  await work.close();
  await rm(root, { recursive: true });
});

const open = (limits: Partial<PoolLimits> = {}): Pool =>
  new Pool(async () => ({ work, launcher }), { ...LIMITS, ...limits });

const echo = (slot: Slot) => perform(slot, { tool: 'echo.tool.ts' });

const isEnded = (pid: number | undefined) =>
  until(() => pid !== undefined && !groupLives(pid), { describe: 'the child is ended' });

describe('the pool of children', () => {
  it('uses a child again, and keeps its directory', async () => {
    pool = open();
    const first = await pool.acquire(good, SMALL);
    await echo(first);
    first.release();

    const second = await pool.acquire(good, SMALL);

    expect(second.pid).toBe(first.pid);
    expect(second.directory).toBe(first.directory);
  });

  it('gives the child that was used last', async () => {
    pool = open();
    const [first, second] = await Promise.all([pool.acquire(good, SMALL), pool.acquire(good, SMALL)]);
    second.release();
    first.release();

    const third = await pool.acquire(good, SMALL);

    expect(third.pid).toBe(first.pid);
  });

  it.each([
    ['another plugin', pluginNamed('hostile'), SMALL],
    ['another content', { ...good, hash: 'other' }, SMALL],
    ['other memory', good, { ...SMALL, memoryMb: SMALL.memoryMb + 1 }],
  ])('never gives the child to %s', async (_, plugin, limits) => {
    pool = open();
    const first = await pool.acquire(good, SMALL);
    first.release();

    const second = await pool.acquire(plugin, limits);

    expect(second.pid).not.toBe(first.pid);
  });

  it('never gives a child to two', async () => {
    pool = open();
    const first = await pool.acquire(good, SMALL);
    first.release();
    first.release();

    const [second, third] = await Promise.all([pool.acquire(good, SMALL), pool.acquire(good, SMALL)]);

    expect(second.pid).not.toBe(third.pid);
  });

  it('replaces a child after so many runs', async () => {
    pool = open({ maxRuns: 2 });
    const pids: (number | undefined)[] = [];
    for (let run = 0; run < 3; run += 1) {
      const slot = await pool.acquire(good, SMALL);
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
    const first = await pool.acquire(good, SMALL);
    await echo(first);
    first.release();

    const second = await pool.acquire(good, SMALL);

    expect(second.pid).toBe(first.pid);
  });

  it('replaces a child whose run did not end well, and removes its directory', async () => {
    pool = open();
    const first = await pool.acquire(good, SMALL);
    await perform(first, { tool: 'missing.tool.ts' });
    first.release();

    const second = await pool.acquire(good, SMALL);

    expect(second.pid).not.toBe(first.pid);
    await until(async () => (await readdir(work.path)).length === 1, { describe: 'the first directory is removed' });
  });

  it('replaces a child that holds most of its memory after a run', async () => {
    pool = open();
    const hoard = pluginNamed('hostile');
    const pids: (number | undefined)[] = [];
    for (const target of ['10', '200', '10']) {
      const slot = await pool.acquire(hoard, SMALL);
      await perform(slot, { tool: 'hostile.tool.ts', options: { deed: 'hoard', target } });
      pids.push(slot.pid);
      slot.release();
    }

    expect(pids[1]).toBe(pids[0]);
    expect(pids[2]).not.toBe(pids[1]);
  });

  it('replaces a child whose runs have used the processor time of one run', async () => {
    pool = open();
    const limits = { ...SMALL, cpuMs: 300 };
    const first = await pool.acquire(pluginNamed('hostile'), limits);
    for (const target of ['200', '200']) {
      await perform(first, { tool: 'hostile.tool.ts', options: { deed: 'compute', target } });
    }
    first.release();

    const second = await pool.acquire(pluginNamed('hostile'), limits);

    expect(second.pid).not.toBe(first.pid);
  });

  it('does not give a child that has died while it waited', async () => {
    pool = open();
    const first = await pool.acquire(good, SMALL);
    first.release();
    process.kill(first.pid ?? 0, 'SIGKILL');
    // It is known to be dead from when it is collected, not from when it ends.
    await until(() => !existsSync(`/proc/${first.pid}`), { describe: 'the child is collected' });

    const second = await pool.acquire(good, SMALL);

    await expect(echo(second)).resolves.toMatchObject({ type: 'done' });
  });

  it('ends the child that has waited longest when too many wait', async () => {
    pool = open({ maxIdle: 1 });
    const [first, second] = await Promise.all([pool.acquire(good, SMALL), pool.acquire(good, SMALL)]);

    first.release();
    second.release();

    await isEnded(first.pid);
    await expect(pool.acquire(good, SMALL)).resolves.toMatchObject({ pid: second.pid });
  });

  it('ends a child that has waited for long', async () => {
    pool = open({ idleMs: 60 });
    const slot = await pool.acquire(good, SMALL);

    slot.release();

    await expect(isEnded(slot.pid)).resolves.toBe(true);
  });

  it('ends every child when it closes, also one that works, and starts no more', async () => {
    pool = open();
    const slot = await pool.acquire(good, SMALL);
    const idle = await pool.acquire(good, SMALL);
    idle.release();
    const request = await stage(slot, { tool: 'work.tool.ts', options: { stepMs: 100_000 } });
    const running = slot.run(request, unhurried);

    await pool.close();

    await expect(running).resolves.toMatchObject({ type: 'crashed', kind: 'signal' });
    expect([slot.pid, idle.pid].map((pid) => groupLives(pid ?? 0))).toEqual([false, false]);
    await expect(readdir(work.path)).resolves.toEqual([]);
    await expect(pool.acquire(good, SMALL)).rejects.toThrow('The sandbox is closed.');
  });

  it('says so when a child cannot be started, and leaves nothing of it', async () => {
    pool = open();

    await expect(pool.acquire({ ...good, directory: '/a*' }, SMALL)).rejects.toThrow('because it has a star in it');
    await expect(readdir(work.path)).resolves.toEqual([]);
  });
});
