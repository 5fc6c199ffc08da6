import { ToolError, z } from 'toolyard/sdk';
import type { Engine } from '../engine.ts';
import { literal } from '../sql.text.ts';

/** What may stand behind FROM beside tables. All others are refused, also those that do not exist yet. */
const TABLE_FUNCTIONS = new Set(['range', 'generate_series', 'unnest', 'json_each', 'json_tree', 'summary']);

/** Kinds of what stands behind FROM. */
const SOURCES = new Set([
  'BASE_TABLE',
  'TABLE_FUNCTION',
  'SUBQUERY',
  'JOIN',
  'EXPRESSION_LIST',
  'EMPTY',
  'EMPTY_FROM',
  'PIVOT',
]);

/** Functions that run text as SQL, wait, change something, or tell of the machine. */
const REFUSED_FUNCTIONS = new Set(
  [
    'query query_table json_execute_serialized_sql json_serialize_plan write_log sleep_ms nextval currval setseed error',
    'getvariable getenv current_setting current_query current_query_id current_connection_id txid_current',
    'parse_duckdb_log_message',
  ].flatMap((names) => names.split(' ')),
);

/** A name that can be nothing but a name. */
const NAME = /^[a-z_]\w*$/i;

const serialised = z.object({
  error: z.boolean(),
  error_type: z.string().optional(),
  error_message: z.string().optional(),
  statements: z.array(z.unknown()).optional(),
});

/**
 * Lets one SELECT pass that reads nothing but these tables, judged by what DuckDB's own parser makes of it.
 * Throws ToolError for all others. The engine's lock stands behind it.
 *
 * @param tables names in lower case
 */
export async function admit(engine: Engine, sql: string, tables: ReadonlySet<string>): Promise<void> {
  const [row] = await engine.rows(
    `SELECT json_serialize_sql(${literal(sql)}, skip_null := true, skip_empty := true) AS tree`,
  );
  const answer = serialised.parse(JSON.parse(String(row?.['tree'])));
  if (answer.error)
    throw refusal(answer.error_type === 'not implemented' ? 'Only SELECT is allowed.' : answer.error_message);
  if (answer.statements?.length !== 1) throw refusal('There must be one statement.');
  const nodes = [...objects(answer.statements)];
  const ctes = new Set(nodes.flatMap(cteNames));
  for (const name of ctes) if (!NAME.test(name)) throw refusal(`The name ${quoted(name)} cannot be given in WITH.`);
  for (const node of nodes) inspect(node, (name) => tables.has(name) || ctes.has(name));
}

type Node = Readonly<Record<string, unknown>>;

/** Every object of the tree, without going down by calls: it may be as deep as the text is long. */
function* objects(tree: unknown): Generator<Node> {
  const waiting: unknown[] = [tree];
  while (waiting.length > 0) {
    const next = waiting.pop();
    if (typeof next !== 'object' || next === null) continue;
    if (isNode(next)) yield next;
    waiting.push(...Object.values(next));
  }
}

function isNode(value: object): value is Node {
  return !Array.isArray(value);
}

/** `cte_map` is a list of entries with the name as `key`. */
function cteNames(node: Node): string[] {
  const { cte_map: entries } = node;
  if (typeof entries !== 'object' || entries === null) return [];
  return [...objects(entries)].flatMap(({ key, value }) =>
    typeof key === 'string' && value ? [key.toLowerCase()] : [],
  );
}

function inspect(node: Node, isKnown: (name: string) => boolean): void {
  if ('from_table' in node) requireSource(node['from_table']);
  for (const side of ['left', 'right', 'source']) if (isSource(node[side])) requireSource(node[side]);
  if (node['type'] === 'BASE_TABLE') requireTable(node, isKnown);
  if (node['type'] === 'SHOW_REF') throw refusal('DESCRIBE, SHOW and SUMMARIZE are not allowed.');
  if (node['type'] === 'TABLE_FUNCTION') requireTableFunction(node);
  if (node['class'] === 'FUNCTION' || 'function_name' in node) requireFunction(node);
}

function isSource(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'type' in value && !('class' in value) && 'alias' in value;
}

function requireSource(source: unknown): void {
  const type = typeof source === 'object' && source !== null && 'type' in source ? source.type : undefined;
  if (typeof type === 'string' && !SOURCES.has(type)) throw refusal('Something behind FROM is not allowed.');
}

function requireTable(node: Node, isKnown: (name: string) => boolean): void {
  const name = String(node['table_name']);
  const isPlain = !node['schema_name'] && !node['catalog_name'];
  if (!isPlain || !isKnown(name.toLowerCase())) throw refusal(`There is no table ${quoted(name)}.`);
}

function requireTableFunction({ function: call }: Node): void {
  const name = typeof call === 'object' && call !== null && 'function_name' in call ? call.function_name : undefined;
  if (typeof name !== 'string' || !TABLE_FUNCTIONS.has(name.toLowerCase())) {
    throw refusal(`The function ${quoted(String(name))} is not allowed behind FROM.`);
  }
}

function requireFunction(node: Node): void {
  const { function_name: called } = node;
  const name = typeof called === 'string' ? called.toLowerCase() : '';
  const schema = node['schema'];
  const isOwn = !schema || schema === 'main' || schema === 'pg_catalog';
  if (REFUSED_FUNCTIONS.has(name) || !isOwn) throw refusal(`The function ${quoted(name)} is not allowed.`);
}

function quoted(name: string): string {
  return JSON.stringify(name.slice(0, 80));
}

function refusal(reason = 'It is not a query.'): ToolError {
  return new ToolError('query_refused', `The query cannot be run: ${reason.split('\n', 1)[0]?.slice(0, 300)}`);
}
