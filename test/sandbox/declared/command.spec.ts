import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Outcome } from '../../../src/sandbox/outcome.js';
import type { PluginCode } from '../../../src/sandbox/plugin.code.js';
import type { Description } from '../../../src/sandbox/tool.description.js';
import { OptionsCheck } from '../../../src/plugins/options/tool.options.js';
import { recording, stage, temporaryDirectory, TestSandbox } from '../sandbox.harness.js';
import { declaredPlugin, head } from './declared.plugin.js';

/** Prints each of its arguments in brackets. */
const SAY = `${head('command', 'test-say')}
limits: {max_inputs: 3}
options:
  text: {type: string, description: Any text., max_length: 100, default: hello}
  title: {type: string, description: A title., max_length: 20, pattern: '[a-z$ ]*'}
  shift: {type: integer, description: A number., minimum: -9, maximum: 9, default: 0}
  loud: {type: boolean, description: Whether it is loud.}
  side: {type: enum, description: A side., values: [left, -right], default: left}
command:
  program: printf
  stdout: text
  args:
    - '[%s]'
    - '{option:text}'
    - '--text={option:text};{option:shift}{{}}'
    - when: title
      args: [--title, '{option:title}']
      otherwise: [--untitled]
    - {when: loud, args: [--loud]}
    - {when: side, is: -right, args: [--mirror]}
    - '{option:side}'
    - '{inputs}'
`;

/** A shell, because nothing else ends with any code; only a test is so free with its arguments. */
const SHELL = `${head('command', 'test-shell')}
options:
  script: {type: string, description: A script., max_length: 1000, required: true}
command: {program: sh, args: [-c, '{option:script}'], progress: 'done: ([0-9]+)%'}
exit_codes:
  success: [0, 3]
  errors:
    - {exit: 2, says: Secret, code: password_wrong, message: The password is wrong.}
    - {exit: 2, code: not_readable, message: The file cannot be read.}
outputs:
  - {file: out.txt, name: '{name}.txt'}
  - {directory: pages}
`;

let yard: TestSandbox;
let directory: string;
let plugin: PluginCode;
let description: Description;

beforeAll(async () => {
  yard = await TestSandbox.open();
  directory = await temporaryDirectory();
  const files = { 'say.tool.yaml': SAY, 'shell.tool.yaml': SHELL };
  plugin = await declaredPlugin(directory, files, { exec: ['printf', 'sh', 'cat', 'head', 'ln', 'sleep'] });
  description = await yard.sandbox.describe(plugin);
});
afterAll(async () => {
  await yard.close();
  await rm(directory, { recursive: true });
});

const say = (options: object): Promise<Outcome> => yard.run(plugin, { tool: 'say.tool.yaml', options: { ...options } });

describe('a tool that is a command', () => {
  const HARMLESS = [
    '$(touch pwned)',
    '`touch pwned`',
    '; touch pwned',
    '| cat & #',
    '*',
    '~ $HOME ${PATH}',
    `it's "quoted"`,
    'a -b --c',
    '{option:side} {output}',
    '../../etc/passwd',
    '%s%n\\n',
    'naïve ☃ 𝕏 \u202e',
    '',
  ];
  it.each(HARMLESS)('hands on %j as it is, without a shell', async (text) => {
    const said = `[${text}][--text=${text};0{}][--untitled][left]`;

    expect(await say({ text })).toMatchObject({ type: 'done', data: { text: said } });
  });

  it.each(['-rf', '--', '-', 'two\nlines', 'a\0b', 'a\tb', '\u001B[31m', 'a\u007F', 'a\u0085b'])(
    'refuses %j, here and at the door',
    async (text) => {
      expect(await say({ text })).toMatchObject({ type: 'tool_error', code: 'invalid_options' });
      const options = description.tools.find(({ name }) => name === 'test-say')?.optionsSchema ?? {};
      expect(() => new OptionsCheck(options).check({ text })).toThrow(/must match pattern|may not contain/);
    },
  );

  it.each([
    [{ title: 'a $ b' }, '[--title][a $ b][left]'],
    [{ title: '' }, '[--title][][left]'],
    [{ loud: true }, '[--untitled][--loud][left]'],
    [{ side: '-right' }, '[--untitled][--mirror][-right]'],
    [{ shift: -9 }, '[hello][--text=hello;-9{}][--untitled][left]'],
  ])('makes of %j the arguments %s', async (options, said) => {
    expect(await say(options)).toMatchObject({ data: { text: expect.stringContaining(said) } });
  });

  it.each([
    [{ title: 'UP' }],
    [{ title: 'a\n' }],
    [{ side: 'up' }],
    [{ shift: 10 }],
    [{ shift: 1.5 }],
    [{ loud: 'yes' }],
  ])('refuses %j, which is not what the declaration allows', async (options) => {
    expect(await say(options)).toMatchObject({ type: 'tool_error', code: 'invalid_options' });
  });

  it('is described as any other tool', () => {
    const { tools, faults } = description;

    expect(faults).toEqual([]);
    expect(tools[0]).toMatchObject({
      name: 'test-say',
      requires: ['printf'],
      stage: 'stable',
      limits: { maxInputs: 3 },
      optionsSchema: {
        additionalProperties: false,
        properties: { side: { enum: ['left', '-right'], default: 'left', description: 'A side.' } },
      },
    });
  });

  it('gives each input an argument of its own', async () => {
    const slot = await yard.acquire(plugin);
    const inputs = ['0', '1'].map((name) => ({
      path: join(slot.directory, 'in', name),
      name: '-rf',
      type: 'a/b',
      size: 1,
    }));
    const outcome = await slot.run(await stage(slot, { tool: 'say.tool.yaml', inputs }), recording());
    slot.release();

    expect(outcome).toMatchObject({
      data: { text: expect.stringContaining(`[${inputs[0]?.path}][${inputs[1]?.path}]`) },
    });
  });
});

/** A script in the shell, and what it leaves. */
const script = async (text: string) => {
  const slot = await yard.acquire(plugin);
  const input = { path: join(slot.directory, 'in', '0'), name: 'My notes.md', type: 'text/plain', size: 1 };
  await mkdir(join(slot.directory, 'in'), { recursive: true });
  await writeFile(input.path, 'x');
  const request = await stage(slot, { tool: 'shell.tool.yaml', inputs: [input], options: { script: text } });
  const heard = recording();
  const outcome = await slot.run(request, heard);
  const outputs =
    outcome.type === 'done'
      ? await Promise.all(outcome.outputs.map(async ({ path, name }) => [name, await readFile(path, 'utf8')]))
      : [];
  await rm(request.workspace, { recursive: true });
  slot.release();
  return { outcome, outputs, log: heard.log, progress: heard.progress };
};

describe('what a command leaves behind', () => {
  const MAKE = 'echo a > out.txt; for n in 10 2 1; do echo $n > pages/p-$n.txt; done';

  it('is collected in the order of the declaration, and of numbers', async () => {
    const { outputs } = await script(MAKE);

    expect(outputs).toEqual([
      ['My notes.txt', 'a\n'],
      ['p-1.txt', '1\n'],
      ['p-2.txt', '2\n'],
      ['p-10.txt', '10\n'],
    ]);
  });

  it('counts as made after any code of success', async () => {
    expect((await script(`${MAKE}; exit 3`)).outputs).toHaveLength(4);
  });

  it.each([
    ['echo the SECRET >&2; exit 2', 'password_wrong', 'The password is wrong.'],
    ['exit 2', 'not_readable', 'The file cannot be read.'],
    ['exit 9', 'command_failed', 'sh ended with exit code 9, so there is no result.'],
    ['kill -SEGV $$', 'command_failed', 'sh ended by SIGSEGV, so there is no result.'],
    ['true', 'no_output', 'The program made no out.txt.'],
    ['echo a > out.txt', 'no_output', 'The program made no pages.'],
    ['echo a > out.txt; ln -s /etc/passwd pages/x', 'no_output', 'The program made no pages.'],
    ['head -c 11000000 /dev/zero', 'output_too_large', 'The program printed more than it may.'],
  ])('after %j is %s', async (text, code, message) => {
    expect((await script(text)).outcome).toMatchObject({ type: 'tool_error', code, message });
  });

  it('tells of its progress as it prints it', async () => {
    const { progress } = await script(`echo done: 50%; sleep 0.3; ${MAKE}`);

    expect(progress).toContainEqual({ ratio: 0.5, message: null });
  });

  it('tells in its log what the program printed as error', async () => {
    const { log } = await script('echo no good >&2; exit 9');

    expect(log).toContainEqual({ level: 'warn', source: 'tool', message: 'no good' });
  });

  it('is a matter of the disk, not of the tool, where the program says so', async () => {
    const { outcome } = await script('echo "cp: No space left on device" >&2; exit 1');

    expect(outcome).toMatchObject({ type: 'crashed', reason: expect.stringContaining('ENOSPC') });
  });

  it('finds nobody who types', async () => {
    expect((await script(`cat; ${MAKE}`)).outcome.type).toBe('done');
  });
});
