import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { Command } from 'commander';
import { describe, expect, it } from '@jest/globals';
import { contractPage } from '../../scripts/contract.page.js';
import { sdkDeclarations } from '../../scripts/sdk.sources.js';
import { bundledPages } from '../../src/authoring/pages/bundled.pages.js';
import { exampleOf } from '../../src/authoring/pages/example.js';
import { valueWords } from '../../src/authoring/pages/option.words.js';
import { addPluginCommands } from '../../src/commands/plugin/plugin.commands.js';
import { withSandbox } from '../../src/trials/trial.ground.js';

const ROOT = new URL('../../', import.meta.url);
const committed = (path: string): Promise<string> => readFile(new URL(path, ROOT), 'utf8');

describe('what is made from the SDK', () => {
  it('is current: otherwise run npm run docs', async () => {
    expect(await committed('docs/plugins/contract.md')).toBe(contractPage());
    expect(await committed('src/authoring/templates/shared/_toolyard/sdk.d.ts.template')).toBe(sdkDeclarations());
  });

  it('tells of each member what it is', () => {
    const rows = contractPage()
      .split('\n')
      .filter((line) => line.startsWith('| `'));

    expect(rows.length).toBeGreaterThan(40);
    expect(rows.filter((row) => / \|\s+\|$/.test(row))).toEqual([]);
  });
});

describe('the pages of the tools', () => {
  it('are those of the plugins that come with Toolyard, and current: otherwise run npm run docs', async () => {
    const pages = await withSandbox(bundledPages);

    expect(pages.size).toBeGreaterThan(2);
    expect((await readdir(new URL('docs/tools', ROOT))).toSorted()).toEqual([...pages.keys()].toSorted());
    for (const [name, text] of pages) expect(await committed(`docs/tools/${name}`)).toBe(text);
  });

  it.each([
    [{ type: 'integer', minimum: 1, maximum: 9 }, 'whole number, 1 to 9'],
    [{ type: 'number', exclusiveMinimum: 0, maximum: Number.MAX_SAFE_INTEGER }, 'number, above 0'],
    [{ type: 'string', maxLength: 80 }, 'text, up to 80 characters'],
    [{ enum: ['a', 'b', 'c'] }, '`a`, `b` or `c`'],
    [{ type: 'array', minItems: 1, maxItems: 3, items: { enum: [1, 2] } }, 'list of 1 to 3: `1` or `2`'],
    [{ anyOf: [{ type: 'boolean' }, { type: 'null' }] }, '`true` or `false` or `null`'],
    [{ type: 'object', properties: { x: { type: 'boolean' } } }, 'object with `x`: `true` or `false`'],
  ])('say of %j: %s', (schema, words) => {
    expect(valueWords(schema)).toBe(words);
  });

  it('have examples in which a shell sees what is meant', () => {
    const inputs = [{ file: 'a.txt', name: "it's $HOME.txt" }];

    const example = exampleOf('text-case', { inputs, options: { to: "it's", deep_copy: false } });

    expect(example).toContain(String.raw`-F file=@'it'\''s $HOME.txt'`);
    expect(example).toContain(String.raw`--to 'it'\''s' --no-deep-copy`);
    expect(exampleOf('sum', { inputs: [], options: { list: [1], at: '-1' } })).toContain(
      `toolyard run sum --options '{"list":[1],"at":"-1"}'`,
    );
  });
});

describe('docs/plugins', () => {
  const pages = readdirSync(new URL('docs/plugins', ROOT)).filter((name) => name.endsWith('.md'));

  it('has each of its pages in the first one, and leads only to what is there', async () => {
    const index = await committed('docs/plugins/README.md');
    const broken = [];
    for (const page of pages) {
      const text = await committed(`docs/plugins/${page}`);
      const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, path]) => path ?? '');
      broken.push(...links.filter((path) => !existsSync(new URL(`docs/plugins/${path}`, ROOT))));
    }

    expect(pages.filter((page) => page !== 'README.md' && !index.includes(`(${page})`))).toEqual([]);
    expect(broken).toEqual([]);
  });

  it('tells of each command, and of no other', async () => {
    const program = new Command();
    addPluginCommands(
      program,
      () => {},
      () => Promise.reject(new Error('Nothing is opened.')),
    );

    const commands = program.commands[0]?.commands.map((command) => command.name()) ?? [];
    const told = [...(await committed('docs/plugins/README.md')).matchAll(/^\| `toolyard plugin (\w+)`/gm)].map(
      ([, name = '']) => name,
    );
    expect(told.toSorted()).toEqual(commands.toSorted());
  });

  it('explains each rule of the linter, and no other', async () => {
    const rules = /\b(?:rule:|found\(|finding\()\s*['"`]([a-z-]+)['"`]|['"](version)['"] :|`(unused)-\$/g;
    const folder = new URL('src/authoring/lint/', ROOT);
    const sources = readdirSync(folder).map((name) => readFileSync(new URL(name, folder), 'utf8'));
    const written = sources.flatMap((text) =>
      [...text.matchAll(rules)].map((found) => found[1] ?? found[2] ?? found[3]),
    );
    const known = written.flatMap((rule) =>
      rule === 'unused' ? ['unused-net', 'unused-exec', 'unused-env', 'unused-addons'] : [rule],
    );

    const page = await committed('docs/plugins/publishing.md');
    const explained = [...page.matchAll(/^\| `([a-z-]+)` /gm)].map(([, rule]) => rule);
    expect(new Set(explained)).toEqual(new Set(known));
  });

  it('shows what each plugin that comes along is an example of', async () => {
    const page = await committed('docs/plugins/examples.md');

    const plugins = readdirSync(new URL('plugins', ROOT));
    expect(plugins.filter((name) => !page.includes(`\n## \`${name}\`\n`))).toEqual([]);
  });
});
