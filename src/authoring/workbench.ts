import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../config/config.load.js';
import { Sandbox } from '../sandbox/sandbox.js';

/** Opens a sandbox as a platform without any setting has it, in a directory that is gone afterwards. */
export async function withSandbox<Found>(work: (sandbox: Sandbox) => Promise<Found>): Promise<Found> {
  const directory = await realpath(await mkdtemp(join(tmpdir(), 'toolyard-author-')));
  const sandbox = new Sandbox(loadConfig({ DATA_DIR: directory }));
  try {
    return await work(sandbox);
  } finally {
    await sandbox.onApplicationShutdown();
    await rm(directory, { recursive: true, force: true });
  }
}
