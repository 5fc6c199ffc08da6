import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { Command } from 'commander';
import { z } from 'zod';
import { addTestCommand } from '../../src/commands/plugin/test.command.js';
import { casesSchema } from '../../src/trials/case.schema.js';
import { CLASS_NAMES } from '../../src/trials/torture/tool.torture.js';

let page: string;

beforeAll(async () => {
  page = await readFile(join(import.meta.dirname, '../../docs/plugins/testing.md'), 'utf8');
});

/** The first words of the rows of all tables below a heading, up to the next one. */
const wordsBelow = (heading: string): string[] => {
  const section = page.split(/^#+ /m).find((section) => section.startsWith(`${heading}\n`)) ?? '';
  return [...section.matchAll(/^\| `(?:--)?([\w-]+)[^`]*` +\|/gm)].map(([, word]) => word ?? '').toSorted();
};

interface Shape {
  readonly properties: Readonly<Record<string, { readonly items: Shape } & Shape>>;
}

const wordsOf = ({ properties }: Shape): string[] => Object.keys(properties).toSorted();

describe('docs/plugins/testing.md', () => {
  const schema = z.toJSONSchema(casesSchema, { io: 'input', unrepresentable: 'any' }) as unknown as Shape;
  const one = schema.properties['cases']?.items;
  const run = one?.properties['expect'];
  const output = run?.properties['outputs']?.items;

  it.each([
    ['Cases', one],
    ['What can be expected of a run', run],
    ['What can be expected of an output', output],
  ])('explains each word, and no other: %s', (heading, shape) => {
    expect(shape && wordsOf(shape)).toEqual(wordsBelow(heading));
  });

  it('explains each class of torture, and each flag', () => {
    const flags = ['tool', 'class', 'seed', 'seconds', 'json'];
    expect(wordsBelow('Torture')).toEqual([...CLASS_NAMES, ...flags].toSorted());
    const plugin = new Command();
    addTestCommand(plugin, () => {});
    const known = plugin.commands[0]?.options.map(({ long }) => long?.slice(2) ?? '') ?? [];
    expect(new Set([...flags, ...wordsBelow('Running them'), 'torture'])).toEqual(new Set(known));
  });
});
