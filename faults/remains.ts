import { readdirSync, readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Platform } from '../test/platform.ts';
import { descendants, isAlive } from '../test/servers/process-table.ts';
import { type Finding, finding } from './checker/finding.ts';
import type { StoredFile } from './checker/rows.ts';
import { sha256 } from './work.ts';

/** A directory of a worker is called after its host and process. */
const OF_PROCESS = /^.+\.(?<pid>\d+)\.[0-9a-f]+$/;

/** All files in storage, finished or not. */
export async function storedFiles({ dataDir }: Platform): Promise<StoredFile[]> {
  const entries = await entriesBelow(join(dataDir, 'storage'));
  const files = entries.filter((entry) => !entry.isDirectory());
  const stored = await Promise.all(
    files.map(async ({ parentPath, name }) => {
      const bytes = await readFile(join(parentPath, name)).catch(() => undefined);
      return bytes && { name, sha256: sha256(bytes) };
    }),
  );
  return stored.filter((file) => file !== undefined);
}

/** What runs left behind in their workspaces, and whole directories of workers that are dead. */
export async function leftInWorkspaces({ dataDir }: Platform): Promise<Finding[]> {
  const work = join(dataDir, 'work');
  const abandoned = (await namesIn(work)).filter((name) => !isAlive(Number(OF_PROCESS.exec(name)?.groups?.['pid'])));
  const entries = (await entriesBelow(work)).map(({ parentPath, name }) =>
    join(parentPath, name).slice(work.length + 1),
  );
  return [
    ...abandoned.map((name) => finding('file', `The directory work/${name} of a dead worker is there.`)),
    ...entries
      .filter((path) => /^[^/]+\/\d+\/(?:in|out(?:\/run)?)\/(?!run$)[^/]+$/.test(path))
      .map((path) => finding('file', `A run has left work/${path}.`)),
  ];
}

/** Processes in which tools run, or ran, and whose worker is gone. They name a directory below DATA_DIR. */
export function leftProcesses(platform: Platform): Finding[] {
  const living = platform.processes.filter(({ running }) => running).map(({ pid }) => pid);
  const attended = new Set(living.flatMap((pid) => [pid, ...descendants(pid)]));
  return processesBelow(platform.dataDir)
    .filter((pid) => !attended.has(pid))
    .map((pid) => finding('process', `The process ${pid} runs on without its worker.`));
}

/** Those whose command names the directory. Linux only; elsewhere there are none to be seen. */
function processesBelow(directory: string): number[] {
  return namesInSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => commandOf(pid).includes(`${directory}/`))
    .map(Number)
    .filter(isAlive);
}

function commandOf(pid: string): string {
  try {
    return readFileSync(join('/proc', pid, 'cmdline'), 'utf8');
  } catch {
    return '';
  }
}

function namesInSync(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

/** Directories come and go while they are looked at. */
async function namesIn(directory: string): Promise<string[]> {
  return readdir(directory).catch(() => []);
}

async function entriesBelow(directory: string) {
  return readdir(directory, { recursive: true, withFileTypes: true }).catch(() => []);
}
