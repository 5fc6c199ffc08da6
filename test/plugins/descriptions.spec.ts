import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { BaseTool, z } from '../../src/sdk/index.js';

const ROOT = join(import.meta.dirname, '../../plugins');

const tools = globSync('*/*.tool.ts', { cwd: ROOT }).toSorted();

describe('the plugins that come with Toolyard', () => {
  it('are those that the issue names, or more', () => {
    const names = tools.map((path) => basename(path, '.tool.ts'));

    expect(names).toEqual(expect.arrayContaining(['echo', 'file-hash', 'file-identify', 'image-convert']));
  });

  it.each(tools)('%s is a tool, named like its file', async (path) => {
    const tool = await load(path);

    expect(tool).toBeInstanceOf(BaseTool);
    expect(`${tool.name}.tool.ts`).toBe(basename(path));
    expect(tool.title).toMatch(/^[A-Z].*[^.]$/);
    expect(tool.description).toMatch(/^[A-Z].*\.$/);
  });

  it.each(tools)('%s refuses unknown options and describes each one that it has', async (path) => {
    const { options } = await load(path);

    const schema = z.toJSONSchema(options, { io: 'input' });

    expect(schema.additionalProperties).toBe(false);
    const silent = Object.entries(schema.properties ?? {}).filter(
      ([, property]) => typeof property !== 'object' || !property.description?.endsWith('.'),
    );
    expect(silent).toEqual([]);
  });

  it.each(tools)('%s stands in the README of its plugin with each of its codes', async (path) => {
    const { name } = await load(path);
    const readme = await readFile(join(ROOT, dirname(path), 'README.md'), 'utf8');
    const sources = await Promise.all(
      globSync('*.ts', { cwd: join(ROOT, dirname(path)) }).map((file) =>
        readFile(join(ROOT, dirname(path), file), 'utf8'),
      ),
    );
    const codes = sources.flatMap((source) => [...source.matchAll(/ToolError\('(\w+)'/g)].map(([, code]) => code));

    const words = [name, ...codes].map((word) => `\`${word}\``);
    expect(words.filter((word) => !readme.includes(word))).toEqual([]);
  });
});

async function load(path: string): Promise<BaseTool> {
  const { default: Tool } = (await import(join(ROOT, path))) as { default: new () => BaseTool };
  return new Tool();
}
