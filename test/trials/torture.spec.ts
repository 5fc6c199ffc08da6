import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loadPlugin, type Plugin } from '../../src/plugins/plugin.loader.js';
import { linesOfTorture } from '../../src/trials/torture/torture.lines.js';
import { CLASS_NAMES } from '../../src/trials/torture/tool.torture.js';
import { torturePlugins } from '../../src/trials/torture/torture.runner.js';
import type { TortureReport } from '../../src/trials/torture/torture.report.js';
import { processesWith } from '../../src/sandbox/process.table.js';
import { until } from '../conditions.js';
import { obtainBubblewrap, TestSandbox } from '../sandbox/sandbox.harness.js';

const SEED = 7;

let yard: TestSandbox;
let bad: Plugin;

beforeAll(async () => {
  await obtainBubblewrap();
  yard = await TestSandbox.open();
  bad = await plugin(join(import.meta.dirname, 'plugins'), 'bad');
});
afterAll(() => yard.close());

const plugin = async (directory: string, name: string): Promise<Plugin> => {
  const found = await loadPlugin(directory, name);
  if ('code' in found) return found;
  throw new Error(found.reason);
};

const tortured = (tool: string | undefined, classes: string[]): Promise<TortureReport> =>
  torturePlugins([bad], yard.sandbox, { seed: SEED, budgetMs: 100_000, tool, classes });

const programsLeft = (): number[] =>
  processesWith(`TMPDIR=${yard.directory}/`).filter(
    (pid) => readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'sleep',
  );

describe('torture', () => {
  it('finds out who crashes without bytes, and who leaves something behind', async () => {
    const { tools } = await tortured(undefined, ['empty']);

    const found = tools.flatMap(({ tool, faults }) => faults.map(({ found }) => `${tool}: ${found}`));
    expect(found).toEqual([
      expect.stringMatching(/^believes-input: It crashed \(exception\): SyntaxError/),
      expect.stringMatching(/^leaves-grandchild: Something went on after its answer/),
      expect.stringMatching(/^leaves-timer: Something went on after its answer/),
      expect.stringMatching(/^writes-outside: It left something beside its workspace/),
    ]);
  });

  it.each([
    ['hopes-for-room', 'full', /^It crashed \(exception\): Error: It did not work/],
    ['ignores-cancel', 'cancelled', /ignores run\.signal/],
    ['leaks-files', 'repeated', /open files after 50 runs/],
    ['leaks-memory', 'repeated', /MiB more after each 50 runs/],
  ])('finds out that %s, when it is tried with: %s', async (tool, name, words) => {
    const { tools } = await tortured(tool, [name]);

    expect(tools.flatMap(({ faults }) => faults)).toContainEqual(
      expect.objectContaining({ class: name, found: expect.stringMatching(words) }),
    );
  });

  it('has left no program behind that a tool has started', async () => {
    await until(() => programsLeft().length === 0, { describe: 'the programs are to end' });
  });

  it('tries everything that concerns a tool, and finds nothing wrong with a good one', async () => {
    const diagnostics = await plugin(join(import.meta.dirname, '../../plugins'), 'diagnostics');

    const report = await torturePlugins([diagnostics], yard.sandbox, { seed: SEED, budgetMs: 4_000, tool: 'echo' });

    expect(report.tools.flatMap(({ faults }) => faults)).toEqual([]);
    const [echo] = report.tools;
    const ofFiles = ['empty', 'one-byte', 'cut', 'wrong-type', 'flipped', 'names'];
    expect(Object.keys(echo?.classes ?? {})).toEqual(CLASS_NAMES.filter((name) => !ofFiles.includes(name)));
    expect(echo?.classes['cancelled']).toMatchObject({ crashed: 0 });
  });

  it('does the same again with the same seed, and says how', async () => {
    const [first, second] = [
      await tortured('believes-input', ['flipped']),
      await tortured('believes-input', ['flipped']),
    ];

    expect(first.faults).toBeGreaterThan(0);
    expect(second.tools[0]?.faults).toEqual(first.tools[0]?.faults);
    expect(linesOfTorture(first, 100).join('\n')).toContain(
      `toolyard plugin test --torture --tool believes-input --class flipped --seed ${SEED}`,
    );
  });
});
