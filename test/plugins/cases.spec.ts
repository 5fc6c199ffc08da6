import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loadPlugin, type Plugin } from '../../src/plugins/plugin.loader.js';
import { packageOf } from '../../src/plugins/programs.js';
import { linesOfResult } from '../../src/trials/case.lines.js';
import { runCases } from '../../src/trials/case.runner.js';
import { TestSandbox } from '../sandbox/sandbox.harness.js';
import { startClamav } from '../servers/clamav.server.ts';
import { obtainBinary } from '../servers/obtain-binary.ts';
import type { ServerProcess } from '../servers/server-process.ts';

const ROOT = join(import.meta.dirname, '../../plugins');
/** Cases take milliseconds each; a machine that installs the programs first takes longer. */
const PATIENCE_MS = 300_000;

const folders = readdirSync(ROOT).toSorted();

let yard: TestSandbox;
let scanner: ServerProcess;

beforeAll(async () => {
  scanner = (await startClamav()).server;
  process.env['CLAMD_URL'] = scanner.url;
  yard = await TestSandbox.open();
});
afterAll(async () => {
  await yard.close();
  await scanner[Symbol.asyncDispose]();
  delete process.env['CLAMD_URL'];
});

describe('the cases of the plugins that come with Toolyard', () => {
  it.each(folders)(
    '%s: each tool does what its cases say',
    async (folder) => {
      const plugin = await load(folder);
      const description = await yard.sandbox.describe(plugin.code);
      await obtain(description.tools.flatMap(({ requires }) => requires));

      const report = await runCases(plugin, yard.sandbox);

      expect(report.faults).toEqual([]);
      expect(report.results.filter(({ status }) => status === 'failed').flatMap(linesOfResult)).toEqual([]);
      const tried = new Set(report.results.filter(({ status }) => status === 'passed').map(({ tool }) => tool));
      expect(description.tools.map(({ name }) => name).filter((name) => !tried.has(name))).toEqual([]);
    },
    PATIENCE_MS,
  );
});

async function load(folder: string): Promise<Plugin> {
  const plugin = await loadPlugin(ROOT, folder);
  if ('code' in plugin) return plugin;
  throw new Error(`${plugin.folder} ${plugin.reason}.`);
}

async function obtain(programs: readonly string[]): Promise<void> {
  for (const name of new Set(programs)) await obtainBinary({ name, server: name, package: packageOf(name) });
}
