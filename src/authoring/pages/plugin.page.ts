import type { ToolDescription } from '../../sandbox/tool.description.js';
import type { CaseFile, WrittenCase } from '../../trials/case.file.js';
import { exampleOf } from './example.js';
import { code, meaningOf, type OptionSchema, valueWords } from './option.words.js';

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;

/** All of which a page is made. */
export interface PageSource {
  readonly title: string;
  readonly description: string;
  /** The folder's name. */
  readonly folder: string;
  readonly tools: readonly ToolDescription[];
  readonly cases: readonly CaseFile[];
  /** The text of README.md. */
  readonly readme: string;
}

/** What the tools of a plugin do, take, give and refuse, from what they say of themselves and from their first cases. */
export function pluginPage({ title, description, folder, tools, cases, readme }: PageSource): string {
  const head = [
    `# ${title}`,
    description,
    `Made by \`npm run docs\` from \`plugins/${folder}\`, whose README tells more.`,
  ];
  const chapters = byName(tools).map((tool) => chapterOf(tool, firstCase(tool, cases)));
  return `${[...head, ...chapters, ...codesOf(readme)].join('\n\n')}\n`;
}

/** A list of all tools, which leads to their pages. */
export function indexPage(sources: readonly PageSource[]): string {
  const count = sources.reduce((sum, { tools }) => sum + tools.length, 0);
  const head = [
    '# The tools that come with Toolyard',
    `${count} tools of ${sources.length} plugins. Made by \`npm run docs\` from what they say of themselves.`,
  ];
  const chapters = sources.map(({ title, folder, tools }) => {
    const rows = byName(tools).map(({ name, title, description }) =>
      row([`[\`${name}\`](${folder}.md#${name})`, title, description]),
    );
    return [`## ${title}`, ['| tool | | what it does |', '| --- | --- | --- |', ...rows].join('\n')].join('\n\n');
  });
  return `${[...head, ...chapters].join('\n\n')}\n`;
}

function byName(tools: readonly ToolDescription[]): ToolDescription[] {
  return tools.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** The first that completes; what a tool refuses is no example. */
function firstCase({ file, name }: ToolDescription, files: readonly CaseFile[]): WrittenCase | undefined {
  const own = files.filter(({ stem }) => stem === name || file.startsWith(`${stem}.tool.`));
  return own.flatMap(({ cases }) => cases).find(({ expect }) => expect.status === 'completed');
}

function chapterOf(tool: ToolDescription, example: WrittenCase | undefined): string {
  const facts = factsOf(tool).map((fact) => `- ${fact}`);
  const said = example === undefined ? [] : [`An example, which ${example.name}:`, exampleOf(tool.name, example)];
  return [`## \`${tool.name}\``, tool.description, facts.join('\n'), optionsOf(tool), ...said].join('\n\n');
}

function factsOf({ inputFormats, outputFormats, limits, requires, deterministic, stage }: ToolDescription): string[] {
  const takes =
    inputFormats.length === 0 || limits.maxInputs === 0
      ? 'takes no files'
      : `takes ${limits.maxInputs === 1 ? 'one file' : `up to ${limits.maxInputs} files`} of up to ${bytes(limits.maxInputBytes)}: ${inputFormats.map(code).join(', ')}`;
  const gives = outputFormats.length === 0 ? 'answers with data' : `makes ${outputFormats.map(code).join(', ')}`;
  return [
    takes,
    gives,
    `may take ${duration(limits.totalMs)} and ${limits.memoryMb} MiB of memory`,
    ...(requires.length > 0 ? [`needs ${requires.map(code).join(', ')} on the machine of the workers`] : []),
    ...(deterministic ? ['makes the same of the same, so that results are cached'] : []),
    ...(stage === 'stable' ? [] : [`is ${stage}`]),
  ];
}

function optionsOf({ optionsSchema }: ToolDescription): string {
  const { properties = {}, required = [] } = optionsSchema as {
    properties?: Readonly<Record<string, OptionSchema>>;
    required?: readonly string[];
  };
  const rows = Object.entries(properties).map(([name, schema]) => {
    const isRequired = required.includes(name) && schema.default === undefined;
    const usual = isRequired ? 'required' : schema.default === undefined ? '' : code(schema.default);
    return row([code(name), valueWords(schema), usual, meaningOf(schema)]);
  });
  if (rows.length === 0) return 'It has no options.';
  return ['| option | value | default | meaning |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', String.raw`\|`).replaceAll('\n', ' ')).join(' | ')} |`;
}

/** The tables of codes in a README, as one. */
function codesOf(readme: string): string[] {
  const tables = [...readme.matchAll(/^\| *code *\|.*\n\|[ :|-]*\n((?:\|.*\n?)+)/gim)];
  const rows = tables.flatMap(([, body = '']) => body.trim().split('\n'));
  const cells = rows.map((line) =>
    line
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
  const lines = [...new Set(cells.map((found) => `| ${found.join(' | ')} |`))].toSorted();
  return lines.length === 0 ? [] : ['## What it refuses', ['| code | meaning |', '| --- | --- |', ...lines].join('\n')];
}

function bytes(count: number): string {
  return count >= GIB ? `${rounded(count / GIB)} GiB` : `${rounded(count / MIB)} MiB`;
}

function duration(ms: number): string {
  if (ms >= 3_600_000) return `${rounded(ms / 3_600_000)} h`;
  return ms >= 60_000 ? `${rounded(ms / 60_000)} min` : `${rounded(ms / 1_000)} s`;
}

function rounded(value: number): string {
  return String(Math.round(value * 10) / 10);
}
