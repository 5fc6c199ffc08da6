import { z } from 'zod';

type Options = Record<string, unknown>;

const withProperties = z.object({ properties: z.record(z.string(), z.unknown()).default({}) });
const writeOnly = z.object({ writeOnly: z.literal(true) });

/** Options told apart: what may be shown again, and what is `writeOnly` in the tool's JSON Schema. */
export function secretOptions(
  schema: Readonly<Record<string, unknown>>,
  options: Options,
): { shown: Options; secret: Options } {
  const { properties } = withProperties.parse(schema);
  const isSecret = ([name]: [string, unknown]) => writeOnly.safeParse(properties[name]).success;
  const members = Object.entries(options);
  return {
    shown: Object.fromEntries(members.filter((member) => !isSecret(member))),
    secret: Object.fromEntries(members.filter(isSecret)),
  };
}
