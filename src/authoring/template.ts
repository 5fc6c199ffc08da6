import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Nothing of it is compiled, so that it lies where it was written, also for the built platform. */
const TEMPLATES = fileURLToPath(new URL('../../src/authoring/templates/', import.meta.url));
const ENDING = '.template';

/** What stands in a template for `{{name}}`; `{{"name"}}` is the same as JSON, quotes and all. */
export type Values = Readonly<Record<string, unknown>>;

/**
 * Files of a folder in `templates/`, filled: contents by path. A leading `_` of a name stands for a dot, because files
 * with dots are left out where packages are packed and copied.
 */
export async function filled(folder: string, values: Values): Promise<Map<string, string>> {
  const root = join(TEMPLATES, folder);
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const files = new Map<string, string>();
  for (const path of paths.toSorted()) files.set(targetOf(relative(root, path), values), await fillFile(path, values));
  return files;
}

/** Writes files into a folder, which is made with everything above it. */
export async function writeFiles(folder: string, files: ReadonlyMap<string, string | Uint8Array>): Promise<void> {
  for (const [name, content] of files) {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
  }
}

/** @throws Error when there is something in the folder */
export async function refuseUnlessEmpty(folder: string): Promise<void> {
  const entries = await readdir(folder).catch(() => []);
  // A repository that was made first is no reason.
  if (entries.every((name) => name === '.git')) return;
  throw new Error(`There is something in ${folder} already: a new plugin needs an empty folder.`);
}

async function fillFile(path: string, values: Values): Promise<string> {
  return fill(await readFile(path, 'utf8'), values);
}

function targetOf(path: string, values: Values): string {
  const parts = path.slice(0, -ENDING.length).replaceAll('\\', '/').split('/');
  return fill(parts.map((part) => part.replace(/^_/, '.')).join('/'), values);
}

function fill(text: string, values: Values): string {
  return text.replaceAll(/\{\{(")?(\w+)"?\}\}/g, (_, quote: string | undefined, name: string) => {
    if (!(name in values)) throw new Error(`A template names ${name}, which nobody gives.`);
    return quote ? JSON.stringify(values[name]) : String(values[name]);
  });
}
