import { describe, expect, it } from '@jest/globals';
import Echo from '../../../plugins/diagnostics/echo.tool.ts';
import { ToolError } from '../../../src/sdk/index.js';
import { onBusyMachine } from '../../time.limits.js';
import { runTool } from '../tool-run.js';

const tool = new Echo();

describe('echo', () => {
  it('answers with its options, the defaults among them', async () => {
    await using run = await runTool(tool, { options: { message: 'Grüße 🙂' } });

    expect(run.result).toEqual({ data: { message: 'Grüße 🙂', delay_ms: 0, fail: 'none' } });
    expect(run.progress).toEqual([]);
  });

  it('waits as long as it is told, and reports how far it is', async () => {
    const started = performance.now();

    await using run = await runTool(tool, { options: { delay_ms: 500 } });

    expect(performance.now() - started).toBeGreaterThanOrEqual(495);
    expect(run.progress).toEqual([0, 0.4, 0.8]);
  });

  it('stops waiting at once when the run is aborted', async () => {
    const controller = new AbortController();
    const started = performance.now();

    const running = runTool(tool, {
      options: { delay_ms: 600_000 },
      signal: controller.signal,
      onProgress: (ratio) => ratio > 0 && controller.abort(),
    });

    await expect(running).rejects.toMatchObject({ name: 'AbortError' });
    expect(performance.now() - started).toBeLessThan(onBusyMachine(5_000));
  });

  it('fails as over a bad input when asked to', async () => {
    const running = runTool(tool, { options: { fail: 'error' } });

    await expect(running).rejects.toMatchObject({ name: 'ToolError', code: 'asked_to_fail' });
  });

  it('crashes when asked to', async () => {
    const running = runTool(tool, { options: { fail: 'crash' } });

    await expect(running).rejects.toThrow('The task was asked to crash.');
    await expect(running).rejects.not.toBeInstanceOf(ToolError);
  });

  it.each([
    { message: 'x'.repeat(10_001) },
    { delay_ms: -1 },
    { delay_ms: 600_001 },
    { delay_ms: 0.5 },
    { fail: 'maybe' },
    { unknown: 1 },
  ])('does not take the options %#', (options) => {
    expect(tool.options.safeParse(options).success).toBe(false);
  });
});
