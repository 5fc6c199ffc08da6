import { BaseTool, DEFAULT_LIMITS, type ToolLimits, z } from '../sdk/index.js';
import { loadTool, type LoadedTool } from './child.tools.js';
import {
  type Description,
  type DescriptionFault,
  type ToolDescription,
  toolDescriptionSchema,
} from './tool.description.js';
import { ToolFault } from './tool.fault.js';

type Property = z.core.JSONSchema._JSONSchema;

/** Loads each tool and asks what it is. One that cannot be used is told by its reason and does not stop the others. */
export async function describeTools(directory: string, files: readonly string[]): Promise<Description> {
  const description: Description = { tools: [], faults: [] };
  for (const file of files) {
    try {
      const tool = describeTool(file, await loadTool(directory, file));
      const twin = description.tools.find(({ name }) => name === tool.name);
      if (twin) throw new ToolFault(`Its name, ${tool.name}, is already that of ${twin.file}.`);
      description.tools.push(tool);
    } catch (error) {
      description.faults.push({ file, place: placeOf(error, directory), reason: inWords(error, directory) });
    }
  }
  return description;
}

function describeTool(file: string, { create, service }: LoadedTool): ToolDescription {
  const tool = create();
  const parsed = toolDescriptionSchema.safeParse({
    file,
    name: tool.name,
    title: tool.title,
    description: tool.description,
    category: tool.category,
    keywords: tool.keywords,
    stage: tool.stage,
    requires: tool.requires,
    settings: tool.settings,
    inputFormats: tool.inputFormats,
    outputFormats: tool.outputFormats,
    deterministic: tool.deterministic,
    shareable: tool.shareable,
    optionsSchema: describeOptions(tool),
    limits: limitsOf(tool),
    service,
  });
  if (parsed.success) return parsed.data;
  throw new ToolFault(parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '));
}

function limitsOf({ limits }: BaseTool): ToolLimits {
  const cpuMs = 2 * (limits.totalMs ?? DEFAULT_LIMITS.totalMs);
  return { ...DEFAULT_LIMITS, cpuMs, ...limits };
}

function describeOptions({ options }: BaseTool): z.core.JSONSchema.BaseSchema {
  if (!(options instanceof z.ZodObject)) throw new ToolFault('Its options are not a zod object.');
  const schema = z.toJSONSchema(options, { io: 'input', target: 'draft-2020-12', override: asMeant });
  refuseHiddenSecrets(schema);
  const silent = Object.entries(schema.properties ?? {}).filter(([, property]) => !isDescribed(property));
  if (silent.length === 0) return schema;
  throw new ToolFault(`It has options without a description: ${silent.map(([name]) => name).join(', ')}.`);
}

/** Secrets are kept apart from the other options by name, so one inside another value would not be a secret. */
function refuseHiddenSecrets({ properties, ...schema }: z.core.JSONSchema.BaseSchema): void {
  const inner = Object.values(properties ?? {}).map((property) => ({ ...Object(property), writeOnly: undefined }));
  if (JSON.stringify([schema, inner]).includes('"writeOnly":true'))
    throw new ToolFault('Only an option itself can be writeOnly, not a value inside one.');
}

interface Said {
  readonly zodSchema: z.core.$ZodTypes;
  readonly jsonSchema: z.core.JSONSchema.BaseSchema;
}

/** What zod makes of a schema, nearer to what it does. */
function asMeant(said: Said): void {
  refuseUnknown(said);
  leaveOutFlagged(said);
}

/** A misspelt option is a fault, not something to pass over; unless the schema says what it does with others. */
function refuseUnknown({ zodSchema, jsonSchema }: Said): void {
  const { def } = zodSchema._zod;
  if (def.type === 'object' && def.catchall === undefined) jsonSchema.additionalProperties = false;
}

/** JSON Schema knows no flags of regular expressions. Without them it would refuse what the tool takes, so it is silent. */
function leaveOutFlagged({ zodSchema, jsonSchema }: Said): void {
  const flagged = new Set(
    patternsOf(zodSchema)
      .filter(({ flags }) => /[ims]/.test(flags))
      .map(({ source }) => source),
  );
  if (flagged.size === 0) return;
  if (flagged.has(jsonSchema.pattern ?? '')) delete jsonSchema.pattern;
  const others = (jsonSchema.allOf ?? []).filter(({ pattern }) => !flagged.has(pattern ?? ''));
  if (others.length > 0) jsonSchema.allOf = others;
  else delete jsonSchema.allOf;
}

function patternsOf({ _zod: { def } }: z.core.$ZodTypes): RegExp[] {
  return (def.checks ?? []).flatMap(({ _zod: { def: check } }) =>
    'pattern' in check && check.pattern instanceof RegExp ? check.pattern : [],
  );
}

/** `z.string().describe('…').nullable()` keeps the words in a branch. */
function isDescribed(property: Property): boolean {
  if (typeof property === 'boolean') return false;
  return Boolean(property.description) || [...(property.anyOf ?? []), ...(property.allOf ?? [])].some(isDescribed);
}

/** The first place in the plugin that the trace names. */
function placeOf(error: unknown, directory: string): DescriptionFault['place'] {
  const trace = error instanceof Error ? (error.stack ?? '') : '';
  const [, rest = ''] = trace.split(`${directory}/`, 2);
  const [, file, line] = /^([\w./-]{1,255}):(\d{1,7})/.exec(rest) ?? [];
  return file === undefined ? null : { file, line: Number(line) };
}

/** The first line of what went wrong, without the paths of this machine. */
function inWords(error: unknown, directory: string): string {
  const message = error instanceof Error ? error.message : String(error);
  const line = message.split('\n', 1)[0]?.trim() || 'It cannot be loaded.';
  return line.replaceAll('file://', '').replaceAll(`${directory}/`, '').replaceAll(directory, '.').slice(0, 1_000);
}
