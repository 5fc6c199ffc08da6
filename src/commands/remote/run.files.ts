import { randomUUID } from 'node:crypto';
import { createWriteStream, openAsBlob } from 'node:fs';
import { glob, rename, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { NamedInput, RunResult } from '../../client/index.js';
import { UsageError } from './exit.codes.js';

/** Names as they were given: a file that exists, or else a pattern for a shell that knows none. */
export async function expand(names: readonly string[]): Promise<string[]> {
  const paths: string[] = [];
  for (const name of names) {
    const found = (await isThere(name)) ? [name] : await matching(name);
    if (found.length === 0) throw new UsageError(`There is no file ${name}.`);
    paths.push(...found.toSorted());
  }
  return paths;
}

async function matching(pattern: string): Promise<string[]> {
  const paths: string[] = [];
  for await (const path of glob(pattern)) paths.push(path);
  return paths;
}

/** The file is read as it is sent. */
export async function inputAt(path: string): Promise<NamedInput> {
  if ((await stat(path)).isDirectory()) throw new UsageError(`${path} is a directory.`);
  return { name: basename(path), data: await openAsBlob(path) };
}

/** Where results go. */
export interface Destination {
  /** A file, or a directory; `-` is the standard output. Undefined: this directory, under the name of the result. */
  readonly output: string | undefined;
  /** Whether there are several results, for which `output` must be a directory. */
  readonly isMany: boolean;
  readonly force: boolean;
  /** Where results of this command are, or are being written: several may have the same name. */
  readonly taken: Set<string>;
}

/** Writes the result to its end before it takes the name. Answers where it is. */
export async function save(result: RunResult, destination: Destination): Promise<string> {
  if (destination.output === '-') {
    await pipeline(Readable.fromWeb(result.stream), process.stdout, { end: false });
    return '-';
  }
  const path = await pathFor(result.name, destination).catch(async (error: unknown) => {
    await result.stream.cancel();
    throw error;
  });
  const part = `${path}.${randomUUID()}.part`;
  try {
    await pipeline(Readable.fromWeb(result.stream), createWriteStream(part, { flags: 'wx' }));
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
  return path;
}

async function pathFor(name: string, { output, isMany, force, taken }: Destination): Promise<string> {
  const isDirectory = output !== undefined && (await stat(output).catch(() => undefined))?.isDirectory() === true;
  if (output !== undefined && !isDirectory) {
    if (!isMany) return output;
    throw new UsageError(`Several results need a directory, and ${output} is none.`);
  }
  const path = join(output ?? '.', basename(name));
  if (!force && (await isThere(path)))
    throw new UsageError(`${path} exists already. Name another with -o, or take --force.`);
  if (taken.has(path)) throw new UsageError(`${path} is the name of another result of this command, too.`);
  taken.add(path);
  return path;
}

async function isThere(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
