import { readdir, readFile } from 'node:fs/promises';
import { z } from 'zod';
import { type Blueprint, classNameFrom } from './blueprint.js';
import { filled, writeFiles } from './template.js';

/** The first version that knows everything that is written here. */
const HOST = '>=0.1';

/** What the sandbox of a new plugin needs on the machine that tests it. */
const SANDBOX_PACKAGES = ['bubblewrap'];

/** Files that go into the package of a plugin: nothing that is for its author only. */
function packaged(name: string): string[] {
  return [`${name}.tool.ts`, `${name}.cases.yaml`, 'fixtures', 'README.md'];
}

/**
 * Writes a new plugin: the tool, its manifest, cases and fixtures, README, what an editor and a CI server need.
 *
 * @param folder is made; it may be there already, if it is empty
 * @returns what was written, by path
 * @throws Error when there is something in the folder
 */
export async function scaffold(folder: string, blueprint: Blueprint): Promise<string[]> {
  await refuseUnlessEmpty(folder);
  const values = {
    ...blueprint,
    className: classNameFrom(blueprint.name),
    files: packaged(blueprint.name),
    host: HOST,
    permissions: {},
    packages: SANDBOX_PACKAGES.join(' '),
    zod: await zodVersion(),
  };
  const files = new Map([...(await filled('shared', values)), ...(await filled('class', values))]);
  await writeFiles(folder, files);
  return [...files.keys()].toSorted();
}

async function refuseUnlessEmpty(folder: string): Promise<void> {
  const entries = await readdir(folder).catch(() => []);
  // A repository that was made first is no reason.
  if (entries.every((name) => name === '.git')) return;
  throw new Error(`There is something in ${folder} already: a new plugin needs an empty folder.`);
}

/** That of the platform: what an editor shows is then what runs. */
async function zodVersion(): Promise<string> {
  const manifest: unknown = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'));
  return `^${z.object({ dependencies: z.object({ zod: z.string() }) }).parse(manifest).dependencies.zod}`;
}
