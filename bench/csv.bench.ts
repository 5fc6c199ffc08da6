import { rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { writeSource, type SourcePlan, type Truth } from './csv.source.ts';
import { hashOf, removeFile, runTool, spentMs, uploadTable, type Task } from './csv.visitor.ts';
import { ROUNDS, runProgram, type Stage } from './stage.ts';
import { median } from './statistics.ts';
import { figure, table, verdict } from './table.ts';

const TARGET_OF_DUCKDB = 0.85;
const PROGRAM = join(import.meta.dirname, 'csv.bare.process.ts');
/** As the tool has them. */
const THREADS = String(Math.min(4, availableParallelism()));
const MEMORY_MIB = '921';
const MIB = 2 ** 20;

const BROKEN: Readonly<Record<string, SourcePlan>> = {
  'UTF-8': { encoding: 'utf-8', broken: true, mixed: false },
  'windows-1252': { encoding: 'windows-1252', broken: true, mixed: false },
  'UTF-16': { encoding: 'utf-16le', broken: true, mixed: false },
  'all three, mixed': { encoding: 'utf-8', broken: true, mixed: true },
};

const reportSchema = z.object({
  rows: z.number(),
  encoding: z.string(),
  rejected: z.object({ count: z.number() }),
  bytes: z.object({ input: z.number(), accepted: z.number(), rejected: z.number() }),
});

/** 200 MB of CSV become Parquet: beside DuckDB alone when it is clean, and every byte accounted for when it is not. */
export async function csvBench(stage: Stage): Promise<void> {
  await compare(stage);
  console.log('\ndata-convert: 200 MB of CSV with broken records and a last line that is cut, to Parquet');
  const rows: string[][] = [];
  for (const [name, plan] of Object.entries(BROKEN)) rows.push([name, ...(await reconcile(stage, plan))]);
  console.log(
    table(['', 'lines', 'rows', 'rejected', 'bytes', 'in rows', 'rejected', 'seconds', 'peak MiB', ''], rows),
  );
}

async function compare(stage: Stage): Promise<void> {
  const { platform, home } = stage;
  const source = join(home.path, 'clean.csv');
  const truth = await writeSource(source, { encoding: 'utf-8', broken: false, mixed: false });
  console.log(`\ndata-convert: ${Math.round(truth.bytes / 1e6)} MB of clean CSV to Parquet, ${THREADS} threads`);
  const id = await uploadTable(platform, source);
  const bare: number[] = [];
  const whole: number[] = [];
  const inside: number[] = [];
  let peak = 0;
  for (let round = 0; round <= ROUNDS; round++) {
    const alone = await duckdb(stage, source, truth);
    // Each round asks for something else that changes nothing: otherwise the answer would be known from the round before.
    const task = await runTool(platform, 'data-convert', [id], { to: 'parquet', sheet: `round ${round}` });
    requireRows(task, truth);
    // The first one only warms up: a server has run for days.
    if (round === 0) continue;
    bare.push(alone);
    whole.push(spentMs(task));
    inside.push(task.usage?.wall_ms ?? Number.NaN);
    peak = Math.max(peak, task.usage?.max_rss_bytes ?? 0);
  }
  await removeFile(platform, id);
  await rm(source);
  const rows = [
    ['DuckDB alone', bare] as const,
    ['in the child', inside] as const,
    ['from claim to end', whole] as const,
  ];
  console.log(
    table(
      ['', 'ms', 'slowest', 'fastest', 'of DuckDB'],
      rows.map(([name, times]) => [name, ...cells(times, bare)]),
    ),
  );
  console.log(`  peak memory of the child, MiB: ${figure(peak / MIB)}`);
  console.log(`  speed of DuckDB alone: ${verdict(median(bare) / median(whole), '≥', TARGET_OF_DUCKDB)}`);
}

function cells(times: readonly number[], bare: readonly number[]): string[] {
  return [median(times), Math.max(...times), Math.min(...times), median(bare) / median(times)].map(figure);
}

async function duckdb({ home }: Stage, source: string, truth: Truth): Promise<number> {
  const args = [PROGRAM, source, join(home.path, 'bare.parquet'), THREADS, MEMORY_MIB];
  const { ms, rows } = JSON.parse(await runProgram(home, process.execPath, args)) as { ms: number; rows: number };
  if (rows !== truth.rows) throw new Error(`DuckDB alone read ${rows} of ${truth.rows} rows.`);
  return ms;
}

function requireRows({ data }: Task, truth: Truth): void {
  const { rows, rejected } = reportSchema.parse(data);
  if (rows !== truth.rows || rejected.count !== truth.rejected)
    throw new Error(`${rows} of ${truth.rows} rows were read.`);
}

/** Everything that the tool says is held against what was written, and the table against the rows that were meant. */
async function reconcile({ platform, home }: Stage, plan: SourcePlan): Promise<string[]> {
  const source = join(home.path, 'broken.csv');
  const truth = await writeSource(source, plan);
  const id = await uploadTable(platform, source);
  await rm(source);
  const task = await runTool(platform, 'data-convert', [id], { to: 'parquet' });
  const { rows, rejected, bytes } = reportSchema.parse(task.data);
  const [made, rejects] = task.outputs ?? [];
  if (made === undefined || rejects === undefined) throw new Error('There is no file with what was rejected.');
  const sums = await sumsOf({ platform, home, seconds: 0 }, made.file_id);
  const differences = {
    rows: rows - truth.rows,
    rejected: rejected.count - truth.rejected,
    lines: 1 + rows + rejected.count - truth.lines,
    bytes: bytes.accepted + rejects.size - truth.bytes,
    'rejected bytes': rejects.size - truth.rejectedBytes,
    'rejected content': (await hashOf(platform, rejects.file_id)) === truth.rejectedHash ? 0 : 1,
    'rows in Parquet': (sums[0] ?? 0) - truth.rows,
    ids: (sums[1] ?? 0) - truth.idSum,
    letters: (sums[2] ?? 0) - truth.cityLength,
  };
  const wrong = Object.entries(differences).filter(([, difference]) => difference !== 0);
  for (const file of [id, made.file_id, rejects.file_id]) await removeFile(platform, file);
  const counts = [truth.lines, rows, rejected.count, bytes.input, bytes.accepted, rejects.size].map(String);
  const costs = [spentMs(task) / 1_000, (task.usage?.max_rss_bytes ?? 0) / MIB].map(figure);
  return [
    ...counts,
    ...costs,
    wrong.length === 0 ? 'reconciled' : `WRONG: ${wrong.map((pair) => pair.join(' ')).join(', ')}`,
  ];
}

/** Rows, ids and letters as they stand in the new table. */
async function sumsOf({ platform }: Stage, table: string): Promise<number[]> {
  const sql = 'select count(*), sum(id)::bigint, sum(length(city))::bigint from input';
  const { data } = await runTool(platform, 'data-sql', [table], { sql });
  return z.object({ preview: z.array(z.array(z.coerce.number())) }).parse(data).preview[0] ?? [];
}
