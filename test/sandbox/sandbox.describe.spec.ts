import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DEFAULT_LIMITS } from '../../src/sdk/index.js';
import { pluginNamed, pluginOf, temporaryDirectory, TestSandbox } from './sandbox.harness.ts';

let yard: TestSandbox;
let directory: string;

beforeAll(async () => {
  yard = await TestSandbox.open();
  directory = await temporaryDirectory();
});

afterAll(async () => {
  await yard.close();
  await rm(directory, { recursive: true });
});

/** The source of a tool, with some of its members replaced. */
const source = (members: Readonly<Record<string, string>> = {}, before = ''): string => {
  const all = {
    name: "'made'",
    title: "'Made'",
    description: "'Does nothing.'",
    inputFormats: '[]',
    outputFormats: '[]',
    options: 'z.object({})',
    ...members,
  };
  const fields = Object.entries(all).map(([name, value]) => `${name} = ${value};`);
  return `import { BaseTool, z } from 'toolyard/sdk';
    ${before}
    export default class extends BaseTool { ${fields.join(' ')} process() { return {}; } }`;
};

const describeSources = async (sources: Readonly<Record<string, string>>) =>
  yard.sandbox.describe(await pluginOf(directory, sources));

const faultOf = async (text: string): Promise<string | undefined> => {
  const { tools, faults } = await describeSources({ 'one.tool.js': text });
  expect(tools).toEqual([]);
  expect(faults).toHaveLength(1);
  return faults[0]?.reason;
};

describe('the description of a plugin', () => {
  it('says what each tool says of itself, with the defaults of the rest', async () => {
    const { tools, faults } = await yard.sandbox.describe(pluginNamed('good'));

    expect(faults).toEqual([]);
    expect(tools.map(({ name }) => name)).toEqual(['copy', 'echo', 'work']);
    expect(tools[1]).toEqual({
      file: 'echo.tool.ts',
      name: 'echo',
      title: 'Echo',
      description: 'Answers with its options.',
      category: 'other',
      keywords: [],
      stage: 'stable',
      inputFormats: [],
      outputFormats: [],
      requires: [],
      settings: [],
      optionsSchema: {
        $schema: 'https://json-schema.org/draft/2020-12/schema',
        type: 'object',
        properties: {
          text: { type: 'string', default: 'hello', description: 'What is said back.' },
          times: { type: 'integer', minimum: 1, maximum: 9, description: 'How often.' },
        },
        additionalProperties: false,
      },
      limits: DEFAULT_LIMITS,
      deterministic: true,
      shareable: false,
    });
  });

  it('keeps the limits that a tool gives, and the unknown options that it asks for', async () => {
    const members = {
      limits: '{ memoryMb: 64 }',
      options: "z.object({ more: z.looseObject({}).describe('More.'), none: z.string().describe('None.').nullable() })",
    };

    const { tools } = await describeSources({ 'one.tool.js': source(members) });

    expect(tools[0]?.limits).toEqual({ ...DEFAULT_LIMITS, memoryMb: 64 });
    expect(tools[0]?.optionsSchema).toMatchObject({
      additionalProperties: false,
      properties: { more: { additionalProperties: {} } },
    });
  });

  it('leaves regular expressions with flags to the tool, because JSON Schema would read them without', async () => {
    const members = {
      options: `z.object({
        plain: z.string().regex(/^[a-z]+$/u).describe('Plain.'),
        flagged: z.string().regex(/^[a-z]+$/i).max(9).describe('Flagged.'),
        two: z.string().regex(/^a/i).regex(/z$/is).max(9).describe('Two.'),
        both: z.string().regex(/^[a-z]/i).regex(/[0-9]$/).max(9).describe('Both.'),
      })`,
    };

    const { tools } = await describeSources({ 'one.tool.js': source(members) });

    expect(tools[0]?.optionsSchema.properties).toEqual({
      plain: { type: 'string', pattern: '^[a-z]+$', description: 'Plain.' },
      flagged: { type: 'string', maxLength: 9, description: 'Flagged.' },
      two: { type: 'string', maxLength: 9, description: 'Two.' },
      both: { type: 'string', maxLength: 9, allOf: [{ pattern: '[0-9]$' }], description: 'Both.' },
    });
  });

  it('does not lose the good tools of a plugin because of the bad ones', async () => {
    const { tools, faults } = await describeSources({
      'bad.tool.js': 'throw new Error("It is not my day.\\nNo.")',
      'good.tool.js': source(),
    });

    expect(tools.map(({ file }) => file)).toEqual(['good.tool.js']);
    expect(faults).toEqual([
      { file: 'bad.tool.js', place: { file: 'bad.tool.js', line: 1 }, reason: 'It is not my day.' },
    ]);
  });

  it('names the tool that has the name already', async () => {
    const { tools, faults } = await describeSources({ 'a.tool.js': source(), 'b.tool.js': source() });

    expect(tools).toHaveLength(1);
    expect(faults).toEqual([
      { file: 'b.tool.js', place: null, reason: 'Its name, made, is already that of a.tool.js.' },
    ]);
  });

  it.each([
    ['is not JavaScript', 'export default class {', /Unexpected end of input/],
    ['has no default export', 'export const one = 1;', /^Its default export is not a class that extends BaseTool\.$/],
    ['is another class', 'export default class {}', /^Its default export is not a class that extends BaseTool\.$/],
    ['imports what is missing', "import 'missing-package';", /^Cannot find package 'missing-package'.*one\.tool\.js$/],
    ['has no name', source({ name: 'undefined' }), /^name: /],
    ['has a bad name', source({ name: "'Bad_Name'" }), /^name: must be kebab-case/],
    ['has a bad format', source({ inputFormats: "['png']" }), /^inputFormats\.0: must be a MIME type/],
    ['has an unknown limit', source({ limits: '{ memory: 5 }' }), /^limits: .*memory/],
    ['has no options', source({ options: '{}' }), /^Its options are not a zod object\.$/],
    [
      'leaves an option without words',
      source({ options: 'z.object({ a: z.string() })' }),
      /without a description: a\.$/,
    ],
    ['has options that JSON cannot carry', source({ options: 'z.object({ a: z.date() })' }), /cannot be represented/],
    ['throws nothing', 'throw undefined', /^undefined$/],
  ])('tells of a tool that %s', async (_, text, reason) => {
    await expect(faultOf(text)).resolves.toMatch(reason);
  });

  it('tells nothing of where the plugin lies', async () => {
    const reason = await faultOf("import './missing.js';");

    expect(reason).toMatch(/missing\.js/);
    expect(reason).not.toContain(directory);
  });

  it('is a fault of the whole plugin when its process ends', async () => {
    const description = await describeSources({ 'one.tool.js': 'process.exit(0)' });

    const reason = 'Its process ended while it was loaded (code 0).';
    expect(description).toEqual({ tools: [], faults: [{ file: null, place: null, reason }] });
  });

  it('is a fault of the whole plugin when it says something else', async () => {
    const lie = JSON.stringify({ type: 'described', description: { tools: [{ name: '../..' }], faults: [] } });
    const description = await describeSources({
      'one.tool.js': `import { writeSync } from 'node:fs'; writeSync(3, ${JSON.stringify(`${lie}\n`)});`,
    });

    const reason = 'It answered with something that is no description.';
    expect(description).toEqual({ tools: [], faults: [{ file: null, place: null, reason }] });
  });

  it('is made where nothing can be written', async () => {
    const reason = await faultOf("import { writeFileSync } from 'node:fs'; writeFileSync('out/a', '');");

    expect(reason).toMatch(/restricted/);
  });
});
