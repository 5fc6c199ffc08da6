import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from '@jest/globals';
import { processesWith, readProcess, readProcesses } from '../../src/sandbox/process.table.js';

describe('the table of processes', () => {
  let child: ChildProcess | undefined;
  afterEach(async () => {
    if (!child) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    child = undefined;
  });

  async function started(env: NodeJS.ProcessEnv): Promise<number> {
    child = spawn('sh', ['-c', 'echo ready; read line'], { env: { PATH: process.env.PATH, ...env } });
    await once(child.stdout ?? process.stdin, 'data');
    return child.pid ?? 0;
  }

  it('tells of a process what the system knows', async () => {
    const pid = await started({});

    const row = readProcess(pid);

    expect(row).toMatchObject({ pid, parent: process.pid, cpuMs: expect.any(Number) });
    expect(row?.residentBytes).toBeGreaterThan(100_000);
    expect(row?.residentBytes).toBeLessThan(100_000_000);
    expect(readProcesses().map(({ pid: listed }) => listed)).toContain(pid);
  });

  it('knows nothing of one that has ended', async () => {
    const pid = await started({});
    const ended = once(child ?? process, 'exit');
    child?.kill('SIGKILL');
    await ended;
    child = undefined;

    expect(readProcess(pid)).toBeUndefined();
  });

  it('finds a process by a variable, however much stands before it', async () => {
    const long = Object.fromEntries(['A', 'B', 'C'].map((name) => [name, name.repeat(60_000)]));
    const pid = await started({ ...long, Z_TABLE: 'of this test' });

    expect(processesWith('Z_TABLE=of this test')).toEqual([pid]);
    expect(processesWith('TABLE=of this test')).toEqual([]);
  });

  it('leaves next to nothing for the garbage collector, because runs are looked at ten times a second', () => {
    readProcesses();
    const before = process.memoryUsage().arrayBuffers;

    for (let look = 0; look < 10; look++) readProcesses();

    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16_384);
  });
});
