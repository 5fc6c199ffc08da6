import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Tool } from '../../client/index.js';

/** One member of the JSON Schema of a tool's options, as far as flags need it. */
interface Member {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly items?: Member;
  readonly minimum?: number;
  readonly maximum?: number;
}

/** Flags of the command itself: an option of a tool that is called the same is reached by --options. */
const TAKEN = new Set(['help', 'output', 'force', 'each', 'json', 'options', 'tag', 'priority']);

/** Gives the command a flag for each option of the tool. What they mean is for the server to judge. */
export function addToolFlags(command: Command, tool: Tool): void {
  const required = tool.options_schema['required'];
  for (const [name, member] of membersOf(tool)) {
    const isRequired = Array.isArray(required) && required.includes(name) && member.default === undefined;
    for (const flag of flagsOf(name, member)) command.addOption(flag.makeOptionMandatory(isRequired));
  }
}

/** The options of the tool among the flags that were given. */
export function toolOptions(tool: Tool, given: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const found = membersOf(tool).flatMap(([name]) => {
    const value = given[attributeOf(name)];
    return value === undefined ? [] : [[name, value]];
  });
  return Object.fromEntries(found);
}

function membersOf({ options_schema: schema }: Tool): [string, Member][] {
  const properties = schema['properties'];
  if (typeof properties !== 'object' || properties === null) return [];
  return Object.entries(properties).filter(([name]) => !TAKEN.has(kebab(name)));
}

function flagsOf(name: string, member: Member): Option[] {
  const flag = `--${kebab(name)}`;
  const words = describe(member);
  switch (typeOf(member)) {
    case 'boolean':
      return [new Option(flag, words), new Option(`--no-${kebab(name)}`, 'the opposite').hideHelp()].map((option) =>
        option.default(undefined),
      );
    case 'integer':
    case 'number':
      return [new Option(`${flag} <number>`, words).argParser(asNumber)];
    case 'array':
      return [new Option(`${flag} <value...>`, words).argParser(listOf(member.items ?? {}))];
    case 'string':
      return [new Option(`${flag} <text>`, words)];
    default:
      return [new Option(`${flag} <json>`, words).argParser(asJson)];
  }
}

function typeOf({ type, enum: values }: Member): string | undefined {
  if (typeof type === 'string') return type;
  if (Array.isArray(type)) return type.find((one) => one !== 'null');
  return values?.every((value) => typeof value === 'string') ? 'string' : undefined;
}

function describe({ description = '', default: usual, enum: values, minimum, maximum }: Member): string {
  const range = [minimum !== undefined && `from ${minimum}`, isSane(maximum) && `to ${maximum}`].filter(Boolean);
  const notes = [
    values && `one of ${values.join(', ')}`,
    range.length > 0 && range.join(' '),
    usual !== undefined && `default: ${JSON.stringify(usual)}`,
  ].filter(Boolean);
  return notes.length > 0 ? `${description} (${notes.join('; ')})` : description;
}

/** zod gives every whole number the largest that there is as its maximum. */
function isSane(maximum: number | undefined): boolean {
  return maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER;
}

function kebab(name: string): string {
  return name
    .replaceAll('_', '-')
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase();
}

/** Under which commander keeps it. */
function attributeOf(name: string): string {
  return new Option(`--${kebab(name)}`).attributeName();
}

function asNumber(text: string): number {
  const number = Number(text);
  if (text.trim() === '' || Number.isNaN(number)) throw new InvalidArgumentError('It is a number.');
  return number;
}

function listOf(items: Member) {
  const parse = typeOf(items) === 'string' ? String : typeOf(items) === undefined ? asJson : asNumber;
  return (text: string, before: readonly unknown[] | undefined): unknown[] => [...(before ?? []), parse(text)];
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new InvalidArgumentError('It is JSON.');
  }
}
