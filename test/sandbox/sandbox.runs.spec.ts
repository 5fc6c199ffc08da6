import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '../conditions.ts';
import { pluginNamed, recording, stage, TestSandbox, unhurried } from './sandbox.harness.ts';

const good = pluginNamed('good');
let yard: TestSandbox;

beforeAll(async () => {
  yard = await TestSandbox.open();
});

afterAll(() => yard.close());

describe('a run', () => {
  it('answers with data, and with what it used', async () => {
    const outcome = await yard.run(good, { tool: 'echo.tool.ts', options: { times: 2 } });

    expect(outcome).toMatchObject({ type: 'done', outputs: [], data: { text: 'hello', times: 2 } });
    expect(outcome).toMatchObject({ usage: { wallMs: expect.any(Number), cpuMs: expect.any(Number) } });
  });

  it('reads inputs and writes outputs', async () => {
    const slot = await yard.acquire(good);
    const path = join(slot.directory, 'in', 'a');
    await writeFile(path, 'some text');

    const inputs = [{ path, name: 'a.txt', type: 'text/plain', size: 9 }];
    const outcome = await slot.run(await stage(slot, { tool: 'copy.tool.ts', inputs }), unhurried);

    const output = outcome.type === 'done' ? outcome.outputs[0] : undefined;
    expect(output).toMatchObject({ name: 'a.txt' });
    await expect(readFile(output?.path ?? '', 'utf8')).resolves.toBe('some text');
    slot.release();
  });

  it('tells of progress, at most ten times a second', async () => {
    const options = recording();

    const started = performance.now();
    await yard.run(good, { tool: 'work.tool.ts', options: { steps: 40, stepMs: 10 } }, options);

    const tenths = (performance.now() - started) / 100;
    expect(options.progress.length).toBeGreaterThan(2);
    expect(options.progress.length).toBeLessThanOrEqual(tenths + 1);
    expect(options.progress[0]).toEqual({ ratio: 1 / 40, message: 'step 1' });
  });

  it('hands on, a little later, the last word of progress before a long silence', async () => {
    const options = recording();

    await yard.run(good, { tool: 'work.tool.ts', options: { steps: 3, stepMs: 1, silenceMs: 300 } }, options);

    expect(options.progress.at(-1)).toEqual({ ratio: 1, message: 'step 3' });
  });

  it('cleans up after failure, too', async () => {
    const options = recording();

    const outcome = await yard.run(good, { tool: 'copy.tool.ts', options: { fail: 'process' } }, options);

    expect(outcome).toMatchObject({ type: 'crashed', kind: 'exception', reason: expect.stringContaining('It broke.') });
    expect(options.log).toContainEqual({ level: 'info', source: 'tool', message: 'cleaned up' });
  });

  it('ends well when only the cleanup fails, and logs that', async () => {
    const options = recording();

    const outcome = await yard.run(good, { tool: 'copy.tool.ts', options: { fail: 'cleanup' } }, options);

    expect(outcome.type).toBe('done');
    expect(options.log.at(-1)).toMatchObject({
      level: 'error',
      message: expect.stringContaining('It cannot be cleaned.'),
    });
  });

  it('ends with the code and the sentence of a ToolError', async () => {
    const outcome = await yard.run(good, { tool: 'copy.tool.ts', options: { fail: 'validate' } });

    expect(outcome).toMatchObject({ type: 'tool_error', code: 'not_copied', message: 'The file cannot be copied.' });
  });

  it('refuses options that the schema of the tool does not allow', async () => {
    const outcome = await yard.run(good, { tool: 'echo.tool.ts', options: { times: 10 } });

    expect(outcome).toMatchObject({ type: 'tool_error', code: 'invalid_options' });
    expect(outcome).toMatchObject({ message: expect.stringContaining('times') });
  });

  it('crashes when its tool cannot be loaded', async () => {
    const outcome = await yard.run(good, { tool: 'missing.tool.ts' });

    expect(outcome).toMatchObject({ type: 'crashed', kind: 'exception' });
  });
});

describe('the end of a run that is stopped', () => {
  it('is known by who wanted it, and the tool that comes back by itself needs no signal', async () => {
    const cancel = new AbortController();
    const options = recording({ signal: cancel.signal });
    const running = yard.run(good, { tool: 'work.tool.ts', options: { steps: 1, stepMs: 100_000 } }, options);
    await until(() => options.progress.length > 0, { describe: 'the tool works' });

    cancel.abort();

    await expect(running).resolves.toMatchObject({ type: 'cancelled', stopped: { signal: null } });
  });

  it('does not come before it has begun when the run is cancelled already', async () => {
    const signal = AbortSignal.abort();

    const outcome = await yard.run(good, { tool: 'work.tool.ts' }, { ...unhurried, signal });

    expect(outcome).toMatchObject({ type: 'cancelled', stopped: { signal: null, afterMs: 0 } });
  });

  it('comes by SIGTERM when the tool does not listen', async () => {
    const work = { steps: 1, stepMs: 100_000, obeys: false };

    const outcome = await yard.run(good, { tool: 'work.tool.ts', options: work }, { ...unhurried, totalMs: 500 });

    expect(outcome).toMatchObject({ type: 'timed_out', stopped: { signal: 'SIGTERM' } });
  });

  it('comes when nothing is heard for too long, however much time is left', async () => {
    const work = { steps: 2, stepMs: 100_000 };

    const outcome = await yard.run(good, { tool: 'work.tool.ts', options: work }, { ...unhurried, idleMs: 500 });

    expect(outcome).toMatchObject({ type: 'stalled', stopped: { signal: null } });
  });

  it('does not come while there is progress', async () => {
    const work = { steps: 20, stepMs: 50 };

    const outcome = await yard.run(good, { tool: 'work.tool.ts', options: work }, { ...unhurried, idleMs: 700 });

    expect(outcome.type).toBe('done');
  });
});
