import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { until } from '../conditions.ts';
import type { Platform } from '../platform.ts';

/** Paths of all files in storage, whole or not, below DATA_DIR. */
export async function storedFiles(platform: Platform): Promise<string[]> {
  const directory = join(platform.dataDir, 'storage');
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => !entry.isDirectory()).map(({ parentPath, name }) => join(parentPath, name));
}

export interface Traces {
  readonly files: readonly string[];
  readonly rows: readonly number[];
}

/** All that a request can leave behind. For platforms on SQLite. */
export async function traces(platform: Platform): Promise<Traces> {
  const rows = [rowCount(platform, 'file'), rowCount(platform, 'task')];
  return { files: (await storedFiles(platform)).toSorted(), rows };
}

/** Waits until there is no trace beside those of before, which can take as long as it takes a server to notice. */
export async function nothingMore(platform: Platform, before: Traces): Promise<void> {
  await until(async () => isDeepStrictEqual(await traces(platform), before), {
    timeoutMs: 5_000,
    describe: 'nothing of the request is left',
  });
}

/** What lies in the workspaces of tools, with the directories of their runs. */
export async function workspaceEntries(platform: Platform): Promise<string[]> {
  const work = join(platform.dataDir, 'work');
  const entries = await readdir(work, { recursive: true });
  return entries.filter((entry) => /^[^/]+\/\d+\/(?:in\/|out\/(?!run$))./.test(entry));
}

/** Rows in a table of a platform on SQLite, those included that no list shows. */
export function rowCount(platform: Platform, table: 'file' | 'task'): number {
  using database = new DatabaseSync(join(platform.dataDir, 'toolyard.sqlite'), { readOnly: true });
  return Number(database.prepare(`select count(*) as count from ${table}`).get()?.['count']);
}

/** The open file descriptors of a process, as the system names them: paths, `socket:[…]`, `pipe:[…]`. Linux only. */
export function openDescriptors(pid: number): string[] {
  const directory = `/proc/${pid}/fd`;
  return readdirSync(directory).flatMap((descriptor) => {
    try {
      return [readlinkSync(join(directory, descriptor))];
    } catch {
      return [];
    }
  });
}

/** Bytes that a process has read since its start: from sockets, files and pipes, see proc(5). Linux only. */
export function bytesRead(pid: number): number {
  const [, bytes] = /^rchar: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8')) ?? [];
  if (bytes === undefined) throw new Error(`The system does not tell what ${pid} has read.`);
  return Number(bytes);
}

/** The peak of the resident memory since the last reset, in bytes. Linux only. */
export function peakMemory(pid: number): number {
  const [, kib] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  if (kib === undefined) throw new Error(`The system does not tell the peak memory of ${pid}.`);
  return Number(kib) * 1_024;
}

/**
 * The processes in which tools of a plugin run, or ran and have not ended; also those whose platform is gone.
 * Their arguments name the directory of the plugin and a directory below DATA_DIR. Linux only.
 */
export function toolProcesses(platform: Platform, plugin: string): number[] {
  return sandboxProcesses(platform, plugin).filter((pid) => !isLauncher(pid));
}

/** The same, with the processes that stand above each of them where the sandbox makes namespaces. */
export function sandboxProcesses(platform: Platform, plugin: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      const command = commandOf(pid);
      return command.includes(`${platform.dataDir}/work/`) && command.includes(`/plugins/${plugin}\0`);
    })
    .map(Number);
}

/** Above each tool: one outside of its namespaces, and process 1 inside. Without namespaces: none. */
export async function launchersPerTool({ url }: { readonly url: string }): Promise<number> {
  const ready = await fetch(`${url}/ready?verbose`);
  const { parts } = z
    .object({ parts: z.object({ sandbox: z.object({ layers: z.array(z.string()) }) }) })
    .parse(await ready.json());
  return parts.sandbox.layers.includes('namespaces') ? 2 : 0;
}

function isLauncher(pid: number): boolean {
  const [program = ''] = commandOf(String(pid)).split('\0');
  return basename(program) === 'bwrap';
}

function commandOf(pid: string): string {
  try {
    return readFileSync(join('/proc', pid, 'cmdline'), 'utf8');
  } catch {
    return '';
  }
}
