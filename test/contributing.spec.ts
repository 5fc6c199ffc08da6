import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, it } from '@jest/globals';

const root = new URL('../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');
const { scripts }: { scripts: Record<string, string> } = createRequire(import.meta.url)('../package.json');

describe('CONTRIBUTING.md', () => {
  const page = read('CONTRIBUTING.md');
  const folders = [...page.matchAll(/^\| `([a-z]+)\/` /gm)].map((match) => `${match[1]}`);

  it('names every folder of src, and no other', () => {
    const entries = readdirSync(new URL('src/', root), { withFileTypes: true });

    const existing = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    expect(new Set(folders)).toEqual(new Set(existing));
  });

  it('names them in the order of dependence that the architecture check enforces', () => {
    const order = /const ORDER = \[([^\]]*)\]/.exec(read('.dependency-cruiser.cjs'))?.[1] ?? '';

    const enforced = [...order.matchAll(/'([a-z]+)'/g)].map((match) => `${match[1]}`);
    expect(folders).toEqual(enforced.filter((folder) => folders.includes(folder)));
  });

  it('names commands that exist', () => {
    const commands = [...page.matchAll(/^\| `npm (?:run )?(\w+)` /gm)].map((match) => `${match[1]}`);

    expect(commands.filter((command) => command !== 'ci' && !(command in scripts))).toEqual([]);
    expect(commands.length).toBeGreaterThan(5);
  });
});
