import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { type Blueprint, classNameFrom } from './blueprint.js';
import { filled, refuseUnlessEmpty, type Values, writeFiles } from './template.js';

/** The first version that knows everything that is written here. */
const HOST = '>=0.1';

/** What the manifest of a new plugin asks for, and what the machine that tests it needs. */
export interface Needs {
  /** Of the tool's file: `ts` or `yaml`. */
  readonly ending: string;
  readonly permissions: Readonly<Record<string, unknown>>;
  /** Packages of Debian. */
  readonly packages: readonly string[];
}

const NO_NEEDS: Needs = { ending: 'ts', permissions: {}, packages: ['bubblewrap'] };

/**
 * Writes a new plugin: the tool, its manifest, cases and fixtures, README, what an editor and a CI server need.
 *
 * @param folder is made; it may be there already, if it is empty
 * @returns what was written, by path
 * @throws Error when there is something in the folder
 */
export async function scaffold(folder: string, blueprint: Blueprint): Promise<string[]> {
  await refuseUnlessEmpty(folder);
  const values = { ...(await sharedValues(blueprint, NO_NEEDS)), className: classNameFrom(blueprint.name) };
  const files = new Map([...(await filled('shared', values)), ...(await filled('class', values))]);
  await writeFiles(folder, files);
  return [...files.keys()].toSorted();
}

/** What the templates that all kinds share are filled with. */
export async function sharedValues(blueprint: Blueprint, { ending, permissions, packages }: Needs): Promise<Values> {
  const { name } = blueprint;
  return {
    ...blueprint,
    // Nothing that is for its author only.
    files: [`${name}.tool.${ending}`, `${name}.cases.yaml`, 'fixtures', 'README.md'],
    host: HOST,
    permissions,
    packages: packages.join(' '),
    zod: await zodVersion(),
  };
}

/** That of the platform: what an editor shows is then what runs. */
async function zodVersion(): Promise<string> {
  const manifest: unknown = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'));
  return `^${z.object({ dependencies: z.object({ zod: z.string() }) }).parse(manifest).dependencies.zod}`;
}
