import type { ToolDescription } from '../../sandbox/tool.description.js';
import { type Finding, lineOf, literally } from './finding.js';
import type { Folder } from './sources.js';

/** A part of a JSON Schema, as far as it bounds something. */
interface Part {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly format?: string;
  readonly pattern?: string;
  readonly maxLength?: number;
  readonly maxItems?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly properties?: Readonly<Record<string, Part>>;
  readonly items?: Part;
  readonly anyOf?: readonly Part[];
  readonly oneOf?: readonly Part[];
  readonly allOf?: readonly Part[];
}

/** Formats that are short by themselves. */
const SHORT_FORMATS = new Set(['uuid', 'date', 'time', 'date-time', 'duration', 'ipv4', 'ipv6', 'email', 'hostname']);

/** Each option of a tool is described by a sentence, and holds no more than its author has thought of. */
export function optionFindings(tool: ToolDescription, folder: Folder): Finding[] {
  const { properties = {} } = tool.optionsSchema as Part;
  return Object.entries(properties).flatMap(([name, part]) => [
    ...described(name, part, tool, folder),
    ...unbounded(part).map((what) => boundless(name, what, tool, folder)),
  ]);
}

function described(name: string, part: Part, { file }: ToolDescription, folder: Folder): Finding[] {
  const [text] = [part, ...branches(part)].map(({ description }) => description).filter((words) => words);
  if (text !== undefined && /[.!?]$/.test(text)) return [];
  const line = lineOfOption(name, file, folder);
  if (text === undefined)
    return [
      {
        rule: 'option-described',
        file,
        line,
        sentence: `The option ${name} has no description.`,
        mend: "Add .describe('…').",
      },
    ];
  const quoted = new RegExp(`(['"\`])${literally(text)}\\1`);
  const fix = (source: string) => source.replace(quoted, (found) => `${found.slice(0, -1)}.${found.slice(-1)}`);
  const sentence = `The description of the option ${name} does not end with a full stop.`;
  return [{ rule: 'option-described', file, line, sentence, mend: 'Make it a sentence.', fix }];
}

function boundless(name: string, what: string, { file }: ToolDescription, folder: Folder): Finding {
  const line = lineOfOption(name, file, folder);
  return {
    rule: 'option-bounded',
    file,
    line,
    sentence: `The option ${name} has ${what}.`,
    mend: 'Say how much is too much, with .max(…) or .min(…).',
  };
}

/** What has no bound, in words. */
function unbounded(part: Part): string[] {
  if (part.enum !== undefined || part.const !== undefined) return [];
  const below = [...branches(part), ...Object.values(part.properties ?? {}), ...(part.items ? [part.items] : [])];
  const own = [part.type].flat().flatMap((type) => boundOf(type, part));
  return [...new Set([...own, ...below.flatMap(unbounded)])];
}

function boundOf(type: string | undefined, part: Part): string[] {
  switch (type) {
    case 'string':
      return isShort(part) ? [] : ['a text of any length'];
    case 'array':
      return part.maxItems === undefined ? ['a list of any length'] : [];
    case 'integer':
    case 'number':
      return [
        ...(isBound(part.minimum ?? part.exclusiveMinimum) ? [] : ['a number without a minimum']),
        ...(isBound(part.maximum ?? part.exclusiveMaximum) ? [] : ['a number without a maximum']),
      ];
    default:
      return [];
  }
}

/** zod gives every whole number the largest that there is as a bound. */
function isBound(value: number | undefined): boolean {
  return value !== undefined && Math.abs(value) < Number.MAX_SAFE_INTEGER;
}

function isShort({ maxLength, format, pattern }: Part): boolean {
  if (maxLength !== undefined || SHORT_FORMATS.has(format ?? '')) return true;
  return (
    pattern !== undefined &&
    /^\^.*\$$/s.test(pattern) &&
    !/[*+]|\{\d+,\}/.test(pattern.replaceAll(/\\.|\[[^\]]*\]/g, 'x'))
  );
}

function branches({ anyOf = [], oneOf = [], allOf = [] }: Part): Part[] {
  return [...anyOf, ...oneOf, ...allOf];
}

/** In the tool's own file; null when it is written elsewhere. */
function lineOfOption(name: string, file: string, { sources }: Folder): number | null {
  const pattern = new RegExp(`^[ \\t]*['"]?${literally(name)}['"]?\\s*[:,]`, 'm');
  return lineOf(sources.find((source) => source.file === file)?.text ?? '', pattern);
}
