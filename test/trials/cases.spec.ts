import { readFile, rm, symlink, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Plugin } from '../../src/plugins/plugin.loader.js';
import { junitOf } from '../../src/trials/case.junit.js';
import { linesOfResult, summaryOf } from '../../src/trials/case.lines.js';
import { isGood } from '../../src/trials/case.report.js';
import { runCases, type Selection } from '../../src/trials/case.runner.js';
import { CaseUpdate } from '../../src/trials/case.update.js';
import { FailedCases } from '../../src/trials/failed.cases.js';
import { TestSandbox } from '../sandbox/sandbox.harness.js';
import { madePlugin } from './made.plugin.js';

let yard: TestSandbox;
let plugin: Plugin | undefined;

beforeAll(async () => {
  yard = await TestSandbox.open();
});
afterEach(async () => {
  if (plugin) await rm(dirname(plugin.code.directory), { recursive: true });
  plugin = undefined;
});
afterAll(() => yard.close());

const withCases = async (yaml: string, files: Record<string, string> = {}): Promise<Plugin> => {
  plugin = await madePlugin({ 'fixtures/a.txt': 'A text.\n', 'give-back.cases.yaml': yaml, ...files });
  return plugin;
};

const run = async (yaml: string, selection: Selection = {}) => runCases(await withCases(yaml), yard.sandbox, selection);

const faultsOf = async (yaml: string) => (await run(yaml)).faults.map(({ line, reason }) => `${line}: ${reason}`);

const TWO = `cases:
  - name: gives a text back
    inputs: [a.txt]
    expect: { outputs: [{ name: a.txt, contains: text }] }
  - name: expects too much
    options: { data: { a: 1, b: 2 } }
    inputs: [{ file: a.txt, name: b.txt }]
    expect: { data: { a: 3 } }
`;

describe('the cases of a plugin', () => {
  it('are run in their order, and told one by one', async () => {
    const told: string[] = [];

    const report = await runCases(await withCases(TWO), yard.sandbox, {}, ({ name, status }) => {
      told.push(`${name}: ${status}`);
    });

    expect(told).toEqual(['gives a text back: passed', 'expects too much: failed']);
    expect(report).toMatchObject({ plugin: 'made', version: '1.0.0', passed: 1, failed: 1, skipped: 0, faults: [] });
    expect(isGood(report)).toBe(false);
    expect(report.results[1]).toMatchObject({
      file: 'give-back.cases.yaml',
      line: 5,
      tool: 'give-back',
      faults: [{ where: 'data.a', expected: '3', found: '1' }],
    });
  });

  it.each<[string, Selection, string[]]>([
    ['by a part of their name', { name: 'too much' }, ['expects too much']],
    ['one by one', { only: (_, name) => name.startsWith('gives') }, ['gives a text back']],
  ])('can be chosen: %s', async (_, selection, names) => {
    const { results } = await run(TWO, selection);

    expect(results.map(({ name }) => name)).toEqual(names);
  });

  it.each<[string, string, string]>([
    ['no file', 'inputs: []', 'file_missing'],
    ['three files', 'inputs: [a.txt, a.txt, a.txt]', 'too_many_files'],
    ['a file without bytes', 'inputs: [empty.txt]', 'file_empty'],
    ['a file of another type', 'inputs: [a.pdf]', 'file_type_not_accepted'],
    ['options that it does not have', '{ inputs: [a.txt], options: { more: 1 } }', 'invalid_options'],
    ['a digit where letters are wanted', "{ inputs: [a.txt], options: { pattern: '1' } }", 'invalid_options'],
    ['options and no file, both wrong', '{ inputs: [], options: { more: 1 } }', 'invalid_options'],
    [
      'more options than a request may have',
      `{ inputs: [a.txt], options: { data: ${'x'.repeat(65_536)} } }`,
      'options_too_large',
    ],
    ['what makes it fail', '{ inputs: [a.txt], options: { fail: too_late } }', 'too_late'],
  ])('fail as a task would that is given %s', async (_, words, code) => {
    const body = words.startsWith('{') ? words.slice(1, -1) : words;
    const written = await withCases(`cases:\n  - { name: fails, ${body}, expect: { error: ${code} } }\n`, {
      'fixtures/empty.txt': '',
      'fixtures/a.pdf': '%PDF-1.7\n',
    });

    const { results, faults } = await runCases(written, yard.sandbox);

    expect(faults).toEqual([]);
    expect(results.flatMap(linesOfResult)).toEqual([expect.stringMatching(/^✓ give-back: fails/)]);
  });

  it('may have options that only the flag of a regular expression lets in', async () => {
    const { results } = await run('cases:\n  - { name: one, inputs: [a.txt], options: { pattern: A } }\n');

    expect(results).toMatchObject([{ status: 'passed' }]);
  });

  it('tell of options what a client would be told', async () => {
    const { results } = await run('cases:\n  - { name: one, inputs: [a.txt], options: { more: 1, fail: 2 } }\n');

    expect(results[0]?.faults).toEqual([
      {
        where: 'status',
        expected: 'completed',
        found: 'failed, invalid_options: /more is not an option of this tool; /fail must be string.',
      },
    ]);
  });

  it('tell their author what the tool said, when they fail', async () => {
    const { results } = await run(
      'cases:\n  - { name: one, inputs: [a.txt], options: { fail: no } }\n  - { name: two, inputs: [a.txt], options: { fail: no }, expect: { error: no } }\n',
    );

    expect(results.map(({ reason }) => reason)).toEqual(['warn: It is about to fail.', null]);
  });

  it('are skipped, with the reason, where a program is missing', async () => {
    const { results, skipped } = await run('cases:\n  - { name: one, inputs: [a.txt], requires: [no-such-program] }\n');

    expect(skipped).toBe(1);
    expect(results[0]?.reason).toMatch(/no-such-program/);
  });

  it('do not follow a fixture that leads out of the plugin', async () => {
    const written = await withCases('cases:\n  - { name: one, inputs: [a.txt] }\n');
    const path = join(written.code.directory, 'fixtures/a.txt');
    await unlink(path);
    await symlink('/etc/hostname', path);

    const { results } = await runCases(written, yard.sandbox);

    expect(results[0]?.faults).toEqual([
      expect.objectContaining({ found: expect.stringMatching(/not a regular file/) }),
    ]);
  });
});

describe('a file of cases', () => {
  it.each([
    ['cases:\n  - name: x\n    expekt: 1\n', '3: expekt is not a word that belongs here, in “x”.'],
    [
      'cases:\n  - name: x\n    expect:\n      outputs: [{ size: 1 }]\n',
      '4: size is not a word that belongs here, in “x”.',
    ],
    [
      'cases:\n  - name: x\n    inputs: [../secret]\n',
      '3: inputs.0: must be the name of a file in fixtures/, or {file, name}, in “x”.',
    ],
    ['cases:\n  - inputs: []\n', '2: name: Invalid input: expected string, received undefined, in case 1.'],
    ['cases:\n  - name: x\n  - name: x\n', '3: There are two cases called “x”.'],
    ['cases:\n  - [\n', '3: Flow sequence in block collection'],
    ['- name: x\n', 'null: The file: Invalid input'],
    [`cases: &a [${'x, '.repeat(9)}x]\nb: [${'*a, '.repeat(200)}*a]\n`, 'null: Excessive alias count'],
  ])('tells what is wrong, and where (%#)', async (yaml, fault) => {
    await expect(faultsOf(yaml)).resolves.toContainEqual(expect.stringContaining(fault));
  });

  it('belongs to a tool', async () => {
    const written = await withCases('cases: []\n', { 'other.cases.yaml': 'cases: []\n' });

    const { faults } = await runCases(written, yard.sandbox);

    expect(faults).toEqual([{ file: 'other.cases.yaml', line: null, reason: 'There is no tool called other here.' }]);
  });
});

describe('a tool', () => {
  it('whose options nobody can check has no cases', async () => {
    const tool = `
      import { BaseTool, z } from 'toolyard/sdk';
      export default class extends BaseTool {
        name = 'bad-schema';
        title = 'Bad schema';
        description = 'Has a schema that says nothing.';
        inputFormats = [];
        outputFormats = [];
        options = z.object({ one: z.string().meta({ pattern: '(', description: 'One.' }).optional() });
        async process() {}
      }`;
    const written = await withCases('cases: []\n', { 'bad-schema.tool.js': tool });

    const { faults } = await runCases(written, yard.sandbox);

    expect(faults).toEqual([
      { file: 'bad-schema.tool.js', line: null, reason: 'The schema of its options cannot be used.' },
    ]);
  });
});

describe('what is made of a report', () => {
  it('is said to people', async () => {
    const report = await run(TWO);

    const lines = [...report.results.flatMap(linesOfResult), ...summaryOf(report)].join('\n');

    expect(lines.replaceAll(/\d+ ms|\d\.\d s/g, 'N')).toBe(
      `✓ give-back: gives a text back (N)
✗ give-back: expects too much (N)
    give-back.cases.yaml:5
    data.a
      expected  3
      found     1
made@1.0.0: 1 passed, 1 failed, in N`,
    );
  });

  it('is XML for machines, whatever the words are', async () => {
    const report = await run(TWO.replace('too much', '"<&>" \\u0001'));

    const xml = junitOf([report]);

    expect(xml).toContain('<testsuite name="made" tests="2" failures="1" errors="0" skipped="0"');
    expect(xml).toContain('<failure message="data.a: expected 3, found 1">');
    expect(xml).not.toContain('\u0001');
  });

  it('tells which cases to run again, until they pass', async () => {
    const written = await withCases(TWO);
    const known = new FailedCases(join(yard.directory, 'cache'), written.code.directory);

    await known.write(await runCases(written, yard.sandbox));
    await expect(known.read()).resolves.toEqual([{ file: 'give-back.cases.yaml', name: 'expects too much' }]);
    await known.write(await runCases(written, yard.sandbox, { name: 'gives' }));
    await expect(known.read()).resolves.toHaveLength(1);
  });

  it('is written into what was expected, with the comments as they are', async () => {
    const written = await withCases(
      `# About texts.
cases:
  - name: one # the first
    inputs: [a.txt]
    options: { data: { a: 1, c: new } }
    expect:
      data: { a: 3, c: 4 }
      outputs:
        - sha256: "${'0'.repeat(64)}" # of a.txt
          same_as: b.txt
`,
      { 'fixtures/b.txt': 'B' },
    );
    const update = new CaseUpdate(written.code.directory);
    await runCases(written, yard.sandbox, {}, (result, { written, ended }) => update.note(result, written, ended));

    await expect(update.write()).resolves.toEqual(['give-back.cases.yaml: 3 updated', 'fixtures: 1 updated']);

    await expect(runCases(written, yard.sandbox)).resolves.toMatchObject({ passed: 1, failed: 0 });
    const text = await readFile(join(written.code.directory, 'give-back.cases.yaml'), 'utf8');
    expect(text).toMatch(/^# About texts\.\n/);
    expect(text).toContain('# the first');
    expect(text).toMatch(/inputs: \[a\.txt\][^]*data: { a: 1, c: "new" }[^]*sha256: "[0-9a-f]{64}" # of a\.txt/);
    await expect(readFile(join(written.code.directory, 'fixtures/b.txt'), 'utf8')).resolves.toBe('A text.\n');
  });
});
