import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../config/config.load.js';
import { processesWith } from '../sandbox/process.table.js';
import { Sandbox } from '../sandbox/sandbox.js';
import { interruptible } from './interruption.js';

/**
 * Opens a sandbox as a platform without any setting has it, in a directory that is gone afterwards, also when the work
 * is interrupted.
 */
export async function withSandbox<Found>(
  work: (sandbox: Sandbox, directory: string) => Promise<Found>,
): Promise<Found> {
  const directory = await realpath(await mkdtemp(join(tmpdir(), 'toolyard-trials-')));
  const workers = String(Math.max(2, availableParallelism()));
  const sandbox = new Sandbox(loadConfig({ DATA_DIR: directory, WORKER_CONCURRENCY: workers }));
  const close = async () => {
    await sandbox.onApplicationShutdown();
    await rm(directory, { recursive: true, force: true });
  };
  try {
    return await interruptible(() => work(sandbox, directory));
  } finally {
    await close();
  }
}

/** How many processes of a sandbox in this directory are left. */
export function processesLeft(directory: string): number {
  return processesWith(`TMPDIR=${directory}/`).length;
}
