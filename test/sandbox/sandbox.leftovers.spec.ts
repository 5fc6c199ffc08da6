import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readProcess } from '../../src/sandbox/process.table.js';
import { until } from '../conditions.ts';
import { onBusyMachine } from '../time.limits.js';
import { groupLives, pluginNamed, TESTED_MODES, TestSandbox } from './sandbox.harness.ts';

/** A second of grace, a second to answer, and what the system needs. */
const GONE_MS = 5_000;

const SLEEP = ['sleep', '1000', ''].join('\0');

describe.each(TESTED_MODES)('with SANDBOX=%s, a tool that has answered', (mode) => {
  let yard: TestSandbox;

  beforeAll(async () => {
    yard = await TestSandbox.behind(mode);
  });

  afterAll(() => yard.close());

  const deed = (name: string, exec: string[] = []) =>
    yard.run(pluginNamed('hostile', { exec }), { tool: 'hostile.tool.ts', options: { deed: name } });

  it.each(['leaveInterval', 'leaveHandle', 'spinAfterwards'])('loses its child when it goes on: %s', async (name) => {
    const outcome = await deed(name);

    expect(outcome.type).toBe('done');
    await expect(isEnded(outcome.pid)).resolves.toBe(true);
  });

  it.each(['leaveInterval', 'spinAfterwards'])('leaves the next run alone: %s', async (name) => {
    const { pid } = await deed(name);

    const next = await deed('environment');

    expect(next.type).toBe('done');
    expect(next.pid).not.toBe(pid);
  });

  it('keeps its child when it has nothing more to do', async () => {
    const { pid } = await deed('environment');
    const other = await deed('leaveInterval', ['true']);

    await isEnded(other.pid);

    await expect(deed('environment')).resolves.toMatchObject({ type: 'done', pid });
  });

  it.each(['leaveProgram', 'leaveDaemon'])(
    'loses its child, and with it the program that it left: %s',
    async (name) => {
      const outcome = await deed(name, ['sleep']);
      const [program = 0] = await sleepers(yard.directory);

      await isEnded(outcome.pid);

      expect(outcome.type).toBe('done');
      expect(program).toBeGreaterThan(0);
      await until(() => readProcess(program) === undefined, { describe: 'the program is ended' });
    },
  );

  it('loses its child when it leaves a file beside its workspace', async () => {
    const outcome = await deed('beside');

    expect(outcome.type).toBe('done');
    await expect(isEnded(outcome.pid)).resolves.toBe(true);
    await until(async () => !(await names(yard.directory)).some((name) => name.endsWith('left-behind')), {
      describe: 'the file is removed',
    });
  });
});

function isEnded(pid: number): Promise<boolean> {
  return until(() => !groupLives(pid), { timeoutMs: onBusyMachine(GONE_MS), describe: 'the child is ended' });
}

function names(directory: string): Promise<string[]> {
  return readdir(join(directory, 'work'), { recursive: true });
}

/** The programs that were started in this sandbox, as this machine numbers them. */
async function sleepers(directory: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const [command, variables] = await Promise.all(
        ['cmdline', 'environ'].map((file) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '')),
      );
      return command === SLEEP && variables?.includes(directory) ? Number(pid) : 0;
    }),
  );
  return found.filter((pid) => pid > 0);
}
