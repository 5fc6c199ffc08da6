/** Members that hold schemas by names of the author's choice. */
const NAMED: ReadonlySet<string> = new Set(['properties', '$defs', 'definitions', 'dependentSchemas']);

/** Members that hold values, which are no schemas. */
const VALUES: ReadonlySet<string> = new Set(['default', 'const', 'enum', 'examples']);

/**
 * A schema without its regular expressions. Those of a plugin that somebody installed are not tried on users' texts in
 * this process: a bad one takes minutes for forty letters. The child that runs the tool tries them, and can be ended.
 */
export function withoutPatterns(schema: object): object {
  const kept = Object.entries(schema).filter(([key]) => key !== 'pattern' && key !== 'patternProperties');
  // What fits to no pattern would be forbidden, when nothing fits.
  const open = 'patternProperties' in schema ? kept.filter(([key]) => key !== 'additionalProperties') : kept;
  return Object.fromEntries(open.map(([key, value]) => [key, VALUES.has(key) ? value : member(key, value)]));
}

function member(key: string, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => member('', item));
  if (typeof value !== 'object' || value === null) return value;
  if (!NAMED.has(key)) return withoutPatterns(value);
  return Object.fromEntries(Object.entries(value).map(([name, schema]) => [name, member('', schema)]));
}
