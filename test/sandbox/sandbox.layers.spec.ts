import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { loadConfig } from '../../src/config/config.load.js';
import { detect } from '../../src/sandbox/detection.js';
import type { SandboxMode } from '../../src/sandbox/layers.js';
import { readProcesses } from '../../src/sandbox/process.table.js';
import { Sandbox } from '../../src/sandbox/sandbox.js';
import { WorkDirectory } from '../../src/sandbox/work.directory.js';
import { until } from '../conditions.ts';
import { obtainBubblewrap, temporaryDirectory } from './sandbox.harness.ts';

const MAIN = join(import.meta.dirname, '../../dist/main.js');

let directory: string;

const sandboxIn = (dataDir: string) => new Sandbox(loadConfig({ DATA_DIR: dataDir }));

beforeEach(async () => {
  directory = await temporaryDirectory();
});

afterEach(() => rm(directory, { recursive: true }));

describe('the layers of the sandbox', () => {
  it.each<[SandboxMode, readonly string[]]>([
    ['off', []],
    ['process', ['limits']],
    ['permission', ['limits', 'permission']],
    ['strict', ['limits', 'permission', 'namespaces']],
  ])('are with SANDBOX=%s: %j', async (mode, layers) => {
    await obtainBubblewrap();
    const work = await WorkDirectory.open(directory);

    const { finding, causes } = await detect(mode, work, () => ({}));

    expect(finding).toEqual({ mode, layers, missing: {} });
    expect(causes).toEqual([]);
    await work.close();
  });
});

describe('the sandbox, begun', () => {
  it('goes on in a child, and whoever began need not wait for what is found', async () => {
    await obtainBubblewrap();
    const sandbox = sandboxIn(directory);
    let isFound = false;

    await sandbox.begin();
    const finding = sandbox.finding().finally(() => (isFound = true));

    const children = readProcesses().filter(({ parent }) => parent === process.pid);
    expect(children).not.toEqual([]);
    expect(isFound).toBe(false);
    await expect(finding).resolves.toMatchObject({ mode: 'auto', missing: {} });
    await sandbox.onApplicationShutdown();
  });

  it('leaves a fault to whoever needs it', async () => {
    await writeFile(join(directory, 'work'), 'not a directory');
    const sandbox = sandboxIn(directory);

    await expect(sandbox.begin()).resolves.toBeUndefined();

    await expect(sandbox.finding()).rejects.toMatchObject({ code: 'EEXIST' });
  });
});

/** In a namespace that may not make others, as in many containers, bubblewrap is there and does not work. */
describe('where namespaces are not allowed, the platform', () => {
  it('refuses to start with SANDBOX=strict, and says why', async () => {
    const platform = await start('strict');

    const [words, [code]] = await Promise.all([text(platform.stderr), once(platform, 'exit'), text(platform.stdout)]);

    expect(code).toBe(1);
    expect(words).toBe(
      [
        'The configuration is not valid:',
        '  SANDBOX is strict, and this machine lacks a layer: namespaces: bubblewrap is installed, but this machine ' +
          'does not let it make namespaces. The log has its words. Mend that, or set SANDBOX to auto.',
        '',
      ].join('\n'),
    );
  });

  it('starts with SANDBOX=auto, does with what there is, and logs what is missing', async () => {
    const platform = await start('auto');
    let log = '';
    platform.stdout.on('data', (chunk: Buffer) => (log += chunk.toString()));

    await until(() => log.includes('Toolyard is ready'), { timeoutMs: 20_000, describe: 'the platform is ready' });
    const ended = once(platform, 'exit');
    platform.kill('SIGKILL');
    await ended;

    const lines = log.split('\n').flatMap((line) => (line.includes('Tools run behind') ? [JSON.parse(line)] : []));
    expect(lines).toMatchObject([
      { mode: 'auto', layers: ['limits', 'permission'], missing: { namespaces: expect.stringContaining('installed') } },
    ]);
  });
});

async function start(mode: SandboxMode): Promise<ChildProcessByStdio<null, Readable, Readable>> {
  const bwrap = await obtainBubblewrap();
  const confinement = ['--unshare-user', '--disable-userns', '--die-with-parent', '--dev-bind', '/', '/'];
  return spawn(bwrap, [...confinement, process.execPath, MAIN], {
    env: { DATA_DIR: directory, PORT: '0', SANDBOX: mode },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}
