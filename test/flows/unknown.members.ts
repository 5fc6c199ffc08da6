import { z } from 'zod';

const schemaSchema = z.looseObject({
  $ref: z.string().optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  additionalProperties: z.unknown().optional(),
  items: z.unknown().optional(),
  anyOf: z.array(z.unknown()).optional(),
  oneOf: z.array(z.unknown()).optional(),
  allOf: z.array(z.unknown()).optional(),
});

/** A schema with none of these says something in words at most, and takes whatever comes. */
const SHAPES = ['type', 'anyOf', 'oneOf', 'allOf'] as const;

/**
 * The members of a value that its JSON Schema does not name, as paths. What a schema leaves open on purpose, by
 * `additionalProperties` or by having no type, is named.
 *
 * @param known what `$ref` can mean, by its last word
 */
export function unknownMembers(
  value: unknown,
  schema: unknown,
  known: Readonly<Record<string, unknown>>,
  path = '',
): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const { $ref, items, ...rest } = schemaSchema.parse(schema ?? {});
  if ($ref !== undefined) return unknownMembers(value, known[$ref.split('/').at(-1) ?? ''], known, path);
  if (schema !== undefined && SHAPES.every((shape) => !(shape in rest))) return [];
  const choices = rest.anyOf ?? rest.oneOf;
  if (choices) return fewest(choices.map((choice) => unknownMembers(value, choice, known, path)));
  if (Array.isArray(value))
    return value.flatMap((item, index) => unknownMembers(item, items, known, `${path}/${index}`));
  const parts = [rest, ...(rest.allOf ?? []).map((part) => schemaSchema.parse(part))];
  const open = parts.find(({ additionalProperties }) => isOpen(additionalProperties))?.additionalProperties;
  return Object.entries(value).flatMap(([name, member]) => {
    const of = parts.find(({ properties = {} }) => name in properties)?.properties?.[name];
    if (of !== undefined) return unknownMembers(member, of, known, `${path}/${name}`);
    return open === undefined ? [`${path}/${name}`] : [];
  });
}

/** `false` and nothing at all close an object; `true` and a schema leave it open. */
function isOpen(additionalProperties: unknown): boolean {
  return additionalProperties !== undefined && additionalProperties !== false;
}

function fewest(found: readonly string[][]): string[] {
  return found.toSorted((one, other) => one.length - other.length)[0] ?? [];
}
