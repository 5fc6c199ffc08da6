import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Description } from '../../../src/sandbox/tool.description.js';
import { temporaryDirectory, TestSandbox } from '../sandbox.harness.js';
import { declaredPlugin, head } from './declared.plugin.js';

const option = (text: string) =>
  `${head('command', 'test-a')}options: {size: {${text}}}\ncommand: {program: ls, args: []}\n`;
const args = (text: string, more = '') =>
  `${head('command', 'test-a')}options:
  text: {type: string, description: A., max_length: 9, default: a}
  maybe: {type: string, description: A., max_length: 9}
  low: {type: integer, description: A., minimum: -1, maximum: 9, default: 0}
  flag: {type: boolean, description: A.}
command: {program: ls, args: [${text}]}
${more}`;
const remote = (text: string) => `${head('remote', 'test-a')}${text}\n`;
const deep = '['.repeat(30_000);
const bomb = Array.from({ length: 25 }, (_, at) => `a${at + 1}: &a${at + 1} [*a${at}, *a${at}]\n`).join('');

/** A text, and what is said of it. */
const FAULTS: readonly (readonly [string, string, string | RegExp])[] = [
  ['is empty', '', /^(Line 1|The file): /],
  ['is a list', '- a\n', /^Line 1: /],
  ['is no YAML', 'kind: command\nname: "open\n', /^Line [23]: /],
  ['has two documents', 'kind: command\n---\nkind: command\n', /^Line \d: /],
  ['has a field twice', 'kind: command\nkind: remote\n', 'Line 2: Map keys must be unique.'],
  ['has a tag', 'kind: !!js/function "() => 1"\n', /^Line 1: Unresolved tag/],
  ['is too large', `# ${'x'.repeat(70_000)}\n`, 'The file is larger than 64 KiB.'],
  ['is an alias bomb', `a0: &a0 [x, x]\n${bomb}`, 'It has more than 20 aliases, or one that leads nowhere.'],
  ['is nested without end', deep, /./],
  ['has no kind', 'name: a\n', 'Line 1, kind: kind must be command or remote.'],
  ['is of another kind', 'kind: class\n', 'Line 1, kind: kind must be command or remote.'],
  ['has an unknown field', args('', 'shell: true'), 'Line 13, shell: is not a field that is known here.'],
  ['has a name that is none', args('').replace('test-a', 'Test A'), /^Line 2, name: must be kebab-case/],
  ['has an option without description', option('type: boolean'), /^Line 7, options\.size\.description: /],
  ['has an option without bounds', option('type: integer, description: A.'), /^Line 7, options\.size\.minimum: /],
  ['has a text without bounds', option('type: string, description: A.'), /^Line 7, options\.size\.max_length: /],
  ['has an option of no type', option('type: file, description: A.'), /^Line 7, options\.size\.type: /],
  [
    'has a pattern that is none',
    option('type: string, description: A., max_length: 1, pattern: "["'),
    'Line 7, options.size.pattern: is not a regular expression.',
  ],
  [
    'has a default that is refused',
    option('type: string, description: A., max_length: 9, default: -x'),
    'Line 7, options.size.default: is not a value that the option may have.',
  ],
  [
    'has a program with a path',
    args('').replace('program: ls', 'program: /bin/ls'),
    /^Line 12, command\.program: must be/,
  ],
  ['has an unknown placeholder', args('"{file}"'), /^Line 12, command\.args\.0: has \{file\}, but/],
  ['has a lone brace', args('a, "{"'), /^Line 12, command\.args\.1: has a \{ alone/],
  ['names no option', args('"{option:size}"'), 'Line 12, command.args.0: there is no option size.'],
  ['names the prototype', args('"{option:constructor}"'), 'Line 12, command.args.0: there is no option constructor.'],
  ['names no output', args('"{output:a}"'), 'Line 12, command.args.0: there is no output a.'],
  ['has no output', args('"{output}"'), /^Line 12, command\.args\.0: \{output\} is the only output, and there are 0/],
  ['names no input', args('"{input:2}"'), 'Line 12, command.args.0: there is no input 2: limits.max_inputs is 1.'],
  ['joins inputs', args('"a{inputs}"'), /^Line 12, command\.args\.0: \{inputs\} is one argument for each file/],
  ['uses what may be absent', args('"{option:maybe}"'), /^Line 12, command\.args\.0: maybe may have no value/],
  [
    'lets users name a switch',
    args('"--{option:text}"'),
    'Line 12, command.args.0: text would become the name of a switch.',
  ],
  ['lets a number look like one', args('"{option:low}"'), /^Line 12, command\.args\.0: low can be negative/],
  ['has a switch as value', args('"{option:flag}"'), /^Line 12, command\.args\.0: flag is true or false/],
  [
    'has an unknown condition',
    args('{when: size, args: []}'),
    'Line 12, command.args.0.when: there is no option size.',
  ],
  [
    'has an output that is a path',
    args('', 'outputs: [{file: ../a}]'),
    /^Line 13, outputs\.0\.file: must be the name of a file/,
  ],
  ['has no url', remote(''), /^Line 1, url: /],
  ['has a url of a file', remote('url: file:///etc/passwd'), /^Line 7, url: must be a URL/],
  ['has a password in its url', remote('url: http://a:b@c'), 'Line 7, url: must have no user name, query or fragment.'],
];

describe('a declaration that', () => {
  let yard: TestSandbox;
  let directory: string;
  let description: Description;

  beforeAll(async () => {
    yard = await TestSandbox.open();
    directory = await temporaryDirectory();
    const files = Object.fromEntries(FAULTS.map(([, text], index) => [`t${index}.tool.yaml`, text]));
    description = await yard.sandbox.describe(await declaredPlugin(directory, files));
  });
  afterAll(async () => {
    await yard.close();
    await rm(directory, { recursive: true });
  });

  it.each(FAULTS.map(([what, , reason], index) => [what, reason, index] as const))(
    '%s is told where and why',
    (_what, reason, index) => {
      const fault = description.faults.find(({ file }) => file === `t${index}.tool.yaml`);

      expect(fault?.reason).toMatch(reason);
      expect(fault?.reason).not.toContain(directory);
    },
  );
});
