import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ChildLimits } from '../../src/sandbox/limits.js';
import type { PluginPermissions } from '../../src/sandbox/plugin.code.js';
import { groupLives, pluginNamed, TESTED_MODES, TestSandbox, unhurried } from './sandbox.harness.ts';

const good = pluginNamed('good');
const killed = { signal: 'SIGKILL', afterMs: expect.any(Number) };

/** Takes seconds, because so many names must be removed; no layer but the watchdog has a part in it. */
describe('a run', () => {
  it('is ended when it fills its workspace with names', async () => {
    const yard = await TestSandbox.behind('process');
    const plugin = pluginNamed('hostile');

    const outcome = await yard.run(plugin, { tool: 'hostile.tool.ts', options: { deed: 'fillWithNames' } });

    expect(outcome).toMatchObject({ type: 'exceeded', limit: 'workspace', stopped: killed });
    expect(groupLives(outcome.pid)).toBe(false);
    await yard.close();
  });
});

describe.each(TESTED_MODES)('with SANDBOX=%s, a run', (mode) => {
  let yard: TestSandbox;

  beforeAll(async () => {
    yard = await TestSandbox.behind(mode);
  });

  afterAll(() => yard.close());

  const deed = (
    name: string,
    limits: Partial<ChildLimits> = {},
    permissions: Partial<PluginPermissions> = {},
    target = '',
  ) =>
    yard.run(
      pluginNamed('hostile', permissions),
      { tool: 'hostile.tool.ts', options: { deed: name, target } },
      unhurried,
      limits,
    );

  /** Nothing of it is left, and others go on working. */
  const leftNothing = async ({ pid }: { readonly pid: number }): Promise<void> => {
    expect(groupLives(pid)).toBe(false);
    expect(await yard.run(good, { tool: 'echo.tool.ts' })).toMatchObject({ type: 'done' });
  };

  it.each(['heapBomb', 'bufferBomb', 'slowBufferBomb', 'million'])(
    'is ended when it needs too much memory: %s',
    async (name) => {
      const outcome = await deed(name);

      expect(outcome).toMatchObject({ type: 'exceeded', limit: 'memory' });
      await leftNothing(outcome);
    },
  );

  it('is not ended when it needs as much memory as it may have', async () => {
    await expect(deed('need', {}, {}, '100')).resolves.toMatchObject({ type: 'done', data: 100 * 1024 ** 2 });
  });

  it('is ended when it uses too much processor time, on all threads together', async () => {
    const outcome = await deed('burnProcessor', { cpuMs: 500 });

    expect(outcome).toMatchObject({ type: 'exceeded', limit: 'cpu', stopped: { signal: 'SIGTERM' } });
    await leftNothing(outcome);
  });

  it('is ended when it starts too many processes', async () => {
    const outcome = await deed('forkBomb', {}, { exec: ['sleep'] });

    expect(outcome).toMatchObject({ type: 'exceeded', limit: 'processes', stopped: killed });
    await leftNothing(outcome);
  });

  it('is ended when it fills its workspace with files', async () => {
    const outcome = await deed('fillWorkspace');

    expect(outcome).toMatchObject({ type: 'exceeded', limit: 'workspace', stopped: killed });
    await leftNothing(outcome);
  });

  it('is ended when it writes too large a file', async () => {
    const outcome = await deed('fillFile');

    expect(outcome).toMatchObject({ type: 'exceeded', limit: 'workspace' });
    await leftNothing(outcome);
  });

  it('cannot even begin a file of ten gigabytes that has only holes', async () => {
    const outcome = await deed('sparse');

    expect(outcome).toMatchObject({ type: 'exceeded', limit: 'workspace' });
    await leftNothing(outcome);
  });

  it('is ended when it prints too much', async () => {
    const outcome = await deed('floodStdout');

    expect(outcome).toMatchObject({ type: 'exceeded', limit: 'output', stopped: killed });
    await leftNothing(outcome);
  });

  it('opens no more files than it may', async () => {
    const outcome = await deed('openFiles');

    expect(outcome).toMatchObject({ type: 'done', data: { code: 'EMFILE' } });
    expect(outcome.type === 'done' && outcome.data).toMatchObject({ open: expect.any(Number) });
    await leftNothingOpen(outcome);
  });

  /** A run that ended well keeps its child. */
  const leftNothingOpen = async ({ pid }: { readonly pid: number }): Promise<void> => {
    const next = await deed('environment');
    expect(next).toMatchObject({ type: 'done', pid });
  };
});
