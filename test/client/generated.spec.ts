import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { generateClient } from '../../scripts/client.js';

const COMMITTED = fileURLToPath(new URL('../../src/client/generated', import.meta.url));

async function filesBelow(directory: string): Promise<Record<string, string>> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const read = async (path: string) => [path.slice(directory.length + 1), await readFile(path, 'utf8')];
  return Object.fromEntries(await Promise.all(paths.map(read)));
}

describe('the generated part of the client', () => {
  let directory: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'toolyard-client-'));
    await generateClient(directory);
  });
  afterAll(() => rm(directory, { recursive: true }));

  it('is that of docs/openapi.json: otherwise run npm run docs', async () => {
    const committed = await filesBelow(COMMITTED);

    expect(Object.keys(committed).length).toBeGreaterThan(10);
    expect(committed).toEqual(await filesBelow(directory));
  });

  it('needs no package', async () => {
    const texts = Object.values(await filesBelow(join(COMMITTED, '..')));

    const imported = texts.flatMap((text) => [...text.matchAll(/from '([^']+)'/g)].map(([, name]) => name ?? ''));
    expect(imported.length).toBeGreaterThan(20);
    expect(imported.filter((name) => !name.startsWith('./') && !name.startsWith('../'))).toEqual([]);
  });
});
