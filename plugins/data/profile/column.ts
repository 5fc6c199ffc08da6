import { z } from 'toolyard/sdk';
import type { Engine } from '../engine.ts';
import { type Column, identifier } from '../sql.text.ts';

export type Kind = 'integer' | 'float' | 'boolean' | 'datetime' | 'string';

/** Bars of a histogram. */
const BINS = 20;
/** Most frequent values that are told. */
const TOP = 10;
/** Characters of a value that is told. */
const VALUE_CHARACTERS = 100;
/** Beyond so many rows distinct values and quantiles are estimated: exact ones would need all values in memory. */
const EXACT_ROWS = 5_000_000;

const SHARES = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99] as const;

export interface Bar {
  /** A value, or where the bar begins and ends. */
  readonly label: string;
  readonly count: number;
}

/** What is told of one column. Of times, minimum, maximum and quantiles are texts; of texts their lengths are told. */
export interface ColumnProfile {
  readonly name: string;
  readonly type: Kind;
  /** As DuckDB calls it. */
  readonly native_type: string;
  readonly count: number;
  readonly nulls: number;
  readonly distinct: number;
  /** Whether distinct values and quantiles are estimates. */
  readonly estimated: boolean;
  readonly min: unknown;
  readonly max: unknown;
  readonly mean: number | null;
  readonly standard_deviation: number | null;
  readonly quantiles: Readonly<Record<string, unknown>> | null;
  readonly lengths: { readonly min: number; readonly mean: number; readonly max: number } | null;
  readonly top: readonly Bar[];
  readonly histogram: readonly Bar[];
}

const number = z.coerce.number();
const maybe = z.coerce.number().nullable();
const basics = z.object({
  count: number,
  present: number,
  distinct: number,
  min: z.unknown(),
  max: z.unknown(),
  mean: maybe,
  deviation: maybe,
  quantiles: z.array(z.unknown()).nullable(),
  shortest: maybe,
  average: maybe,
  longest: maybe,
});
const bars = z.array(z.object({ label: z.unknown(), count: number }));

/** The five kinds that people tell apart. */
export function kindOf(type: string): Kind {
  if (/^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|UINTEGER)$/.test(type)) return 'integer';
  if (/^(DOUBLE|FLOAT|DECIMAL.*)$/.test(type)) return 'float';
  if (type === 'BOOLEAN') return 'boolean';
  return /^(DATE|TIME|TIMESTAMP)/.test(type) ? 'datetime' : 'string';
}

/** Looks at one column. @param source what can stand behind FROM */
export async function profileColumn(
  engine: Engine,
  source: string,
  column: Column,
  rows: number,
): Promise<ColumnProfile> {
  const type = kindOf(column.type);
  const estimated = rows > EXACT_ROWS;
  const [row] = await engine.rows(basicsQuery(source, column, type, estimated));
  const found = basics.parse(row);
  const { quantiles, shortest, average, longest } = found;
  return {
    name: column.name,
    type,
    native_type: column.type,
    count: found.count,
    nulls: found.count - found.present,
    distinct: found.distinct,
    estimated,
    min: short(found.min),
    max: short(found.max),
    mean: found.mean,
    standard_deviation: found.deviation,
    quantiles:
      quantiles && Object.fromEntries(SHARES.map((share, index) => [`p${share * 100}`, quantiles[index] ?? null])),
    lengths: shortest === null ? null : { min: shortest, mean: average ?? 0, max: longest ?? 0 },
    top: await top(engine, source, column),
    histogram: await histogram(engine, source, column, type),
  };
}

function basicsQuery(source: string, { name }: Column, type: Kind, estimated: boolean): string {
  const column = identifier(name);
  const isNumber = type === 'integer' || type === 'float';
  const isOrdered = isNumber || type === 'datetime';
  const quantile = estimated ? 'approx_quantile' : isNumber ? 'quantile_cont' : 'quantile_disc';
  const text = type === 'string' ? `length(${column}::VARCHAR)` : 'NULL::BIGINT';
  return `SELECT count(*) AS count, count(${column}) AS present,
    ${estimated ? `approx_count_distinct(${column})` : `count(DISTINCT ${column})`} AS distinct,
    min(${column})::VARCHAR AS min, max(${column})::VARCHAR AS max,
    ${isNumber ? `avg(${column}::DOUBLE)` : 'NULL'} AS mean,
    ${isNumber ? `stddev_samp(${column}::DOUBLE)` : 'NULL'} AS deviation,
    ${isOrdered ? `${quantile}(${isNumber ? `${column}::DOUBLE` : column}, [${SHARES.join(', ')}])` : 'NULL'} AS quantiles,
    min(${text}) AS shortest, avg(${text}) AS average, max(${text}) AS longest
    FROM ${source}`;
}

async function top(engine: Engine, source: string, { name }: Column): Promise<Bar[]> {
  const column = identifier(name);
  const rows =
    await engine.rows(`SELECT left(${column}::VARCHAR, ${VALUE_CHARACTERS}) AS label, count(*) AS count FROM ${source}
    WHERE ${column} IS NOT NULL GROUP BY label ORDER BY count DESC, label LIMIT ${TOP}`);
  return bars.parse(rows).map(({ label, count }) => ({ label: String(label), count }));
}

/** Bars of equal width between the smallest and the largest value. */
async function histogram(engine: Engine, source: string, { name }: Column, type: Kind): Promise<Bar[]> {
  if (type === 'string' || type === 'boolean') return [];
  const column = identifier(name);
  const value = type === 'datetime' ? `epoch(${column})` : `${column}::DOUBLE`;
  const rows = await engine.rows(`WITH v AS (SELECT ${value} AS v FROM ${source} WHERE isfinite(${value})),
    e AS (SELECT min(v) AS low, max(v) AS high FROM v)
    SELECT CASE WHEN high > low THEN least(floor((v - low) / (high - low) * ${BINS}), ${BINS - 1}) ELSE 0 END AS label,
      count(*) AS count, any_value(low) AS low, any_value(high) AS high FROM v, e GROUP BY label ORDER BY label`);
  const parsed = z.array(z.object({ label: number, count: number, low: number, high: number })).parse(rows);
  const [first] = parsed;
  if (first === undefined) return [];
  const width = (first.high - first.low) / BINS;
  const edge = (index: number): string => edgeText(first.low + index * width, type);
  if (width === 0) return [{ label: edge(0), count: first.count }];
  return Array.from({ length: BINS }, (_, index) => ({
    label: `${edge(index)} to ${edge(index + 1)}`,
    count: parsed.find(({ label }) => label === index)?.count ?? 0,
  }));
}

function edgeText(value: number, type: Kind): string {
  if (type !== 'datetime') return String(Number(value.toPrecision(6)));
  // Times of day count from midnight, and are dates in 1970.
  const date = new Date(value * 1_000);
  return Number.isNaN(date.getTime()) ? String(value) : date.toISOString().slice(0, 19).replace('T', ' ');
}

function short(value: unknown): unknown {
  return typeof value === 'string' ? value.slice(0, VALUE_CHARACTERS).toWellFormed() : (value ?? null);
}
