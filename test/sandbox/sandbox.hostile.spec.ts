import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '../conditions.ts';
import { onBusyMachine } from '../time.limits.js';
import { groupLives, pluginNamed, recording, TESTED_MODES, TestSandbox, unhurried } from './sandbox.harness.ts';

const hostile = pluginNamed('hostile');

describe.each(TESTED_MODES)('with SANDBOX=%s, a tool', (mode) => {
  let yard: TestSandbox;

  beforeAll(async () => {
    yard = await TestSandbox.behind(mode);
  });

  afterAll(() => yard.close());

  const deed = (name: string, options = unhurried) =>
    yard.run(hostile, { tool: 'hostile.tool.ts', options: { deed: name } }, options);

  const stillWorks = async () =>
    expect(await yard.run(pluginNamed('good'), { tool: 'echo.tool.ts' })).toMatchObject({ type: 'done' });

  describe('that breaks', () => {
    it.each([
      ['exit', { kind: 'exit', reason: 'The process ended with code 7.' }],
      ['abort', { kind: 'signal', reason: 'The process was ended by SIGABRT.' }],
      ['throwLater', { kind: 'exception', reason: expect.stringContaining('Thrown later.') }],
      ['rejectUnseen', { kind: 'exception', reason: expect.stringContaining('Nobody awaits me.') }],
      ['throwNothing', { kind: 'exception', reason: 'Thrown: undefined' }],
      ['hugeMessage', { kind: 'protocol', reason: 'A message is larger than 1 MB.' }],
      ['wrongOutputs', { kind: 'exception', reason: expect.stringContaining('not a list of {path, name}') }],
      ['cyclicData', { kind: 'exception', reason: expect.stringContaining('circular') }],
      ['largeData', { kind: 'exception', reason: expect.stringContaining('larger than 1 MB') }],
      ['largeMessage', { kind: 'protocol', reason: 'A message is larger than 1 MB.' }],
      ['brokenMessage', { kind: 'protocol', reason: 'A message is not JSON.' }],
      ['strangeMessage', { kind: 'protocol', reason: 'The tool sent a message that has no meaning.' }],
      ['floodPipe', { kind: 'protocol', reason: 'The tool sends too many messages.' }],
    ])('crashes by %s, and nothing of it is left', async (name, expected) => {
      const outcome = await deed(name);

      expect(outcome).toMatchObject({ type: 'crashed', ...expected });
      expect(groupLives(outcome.pid)).toBe(false);
      await stillWorks();
    });

    it('may report progress as often as it likes, which nobody notices', async () => {
      const options = recording();

      const started = performance.now();
      const outcome = await deed('floodProgress', options);

      expect(outcome.type).toBe('done');
      expect(options.progress.length).toBeLessThanOrEqual((performance.now() - started) / 100 + 1);
    });

    it('loses lines when it logs too much', async () => {
      const options = recording();

      const outcome = await deed('floodLog', options);

      expect(outcome.type).toBe('done');
      expect(options.log.length).toBeGreaterThan(100);
      expect(options.log.length).toBeLessThan(5_000);
    });

    it('loses its child when it speaks after its end', async () => {
      const outcome = await deed('speakAfterwards');

      expect(outcome.type).toBe('done');
      const next = await yard.acquire(hostile);
      await until(() => !groupLives(outcome.pid), { describe: 'the child is ended' });
      next.release();
    });
  });

  describe('that does not end', () => {
    it.each(['spin', 'catastrophicPattern'])(
      'is ended within two seconds when it only burns time: %s',
      async (name) => {
        const outcome = await deed(name, { ...unhurried, totalMs: 300 });

        expect(outcome).toMatchObject({ type: 'timed_out', stopped: { signal: 'SIGTERM' } });
        expect(outcome.type === 'timed_out' && outcome.stopped.afterMs).toBeLessThan(onBusyMachine(2_000));
        expect(groupLives(outcome.pid)).toBe(false);
      },
    );

    it('is ended within two seconds when it ignores SIGTERM', async () => {
      const outcome = await deed('ignoreSigterm', { ...unhurried, totalMs: 500 });

      expect(outcome).toMatchObject({ type: 'timed_out', stopped: { signal: 'SIGKILL' } });
      expect(outcome.type === 'timed_out' && outcome.stopped.afterMs).toBeLessThan(onBusyMachine(2_000));
      expect(groupLives(outcome.pid)).toBe(false);
    });

    it('is ended together with the programs that it started', async () => {
      const helped = pluginNamed('hostile', { exec: ['sleep'] });
      const request = { tool: 'hostile.tool.ts', options: { deed: 'spinWithFriend' } };

      const outcome = await yard.run(helped, request, { ...unhurried, idleMs: 1_000 });

      expect(outcome).toMatchObject({ type: 'stalled', stopped: { signal: 'SIGTERM' } });
      await until(() => !groupLives(outcome.pid), { describe: 'the system has removed the dead program' });
    });

    it('does not take another one with it', async () => {
      const other = yard.run(pluginNamed('good'), { tool: 'work.tool.ts', options: { steps: 20, stepMs: 50 } });

      await deed('spin', { ...unhurried, totalMs: 200 });

      await expect(other).resolves.toMatchObject({ type: 'done' });
    });
  });
});
