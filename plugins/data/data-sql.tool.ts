import { join } from 'node:path';
import { BaseTool, z, type ToolResult, type ToolRun } from 'toolyard/sdk';
import { explained, explainQuery } from './engine.ts';
import { identifier, literal, PARQUET } from './sql.text.ts';
import { admit } from './sql/gate.ts';
import { INPUT_TYPES } from './tables/inputs.ts';
import { neutralise } from './tables/options.ts';
import { FORMATS, readingOptions } from './tables/reading.ts';
import { openSession, rejectedFiles, reports, sourceOf, TABLE_LIMITS, type Session } from './tables/session.ts';
import { named, OUTPUT_TYPES, writeTable } from './tables/write.ts';

/** Characters of the rows in the answer's data, all together. */
const PREVIEW_CHARACTERS = 200_000;

const options = z.strictObject({
  sql: z
    .string()
    .min(1)
    .max(20_000)
    .describe(
      'One SELECT in the SQL of DuckDB. The inputs are the tables input1, input2 and so on; the first is input, too.',
    ),
  to: z.enum(FORMATS).default('csv').describe('Format of the file with the result.'),
  preview: z.int().min(0).max(1_000).default(100).describe('How many rows of the result also stand in the answer.'),
  ...readingOptions,
  neutralise,
});

type Options = z.output<typeof options>;

export default class DataSql extends BaseTool<typeof options> {
  readonly name = 'data-sql';
  readonly title = 'Query tables with SQL';
  readonly description =
    'Runs one SELECT over the input tables. It can read nothing else and change nothing; functions that reach out of the database are refused.';
  override readonly category = 'data';
  override readonly keywords = ['sql', 'query', 'select', 'duckdb', 'join', 'aggregate', 'filter', 'csv', 'parquet'];
  readonly inputFormats = [...INPUT_TYPES];
  readonly outputFormats = [...OUTPUT_TYPES];
  readonly options = options;
  // A query can be made to run for ever, and only the end of the process ends some of them.
  override readonly limits = { ...TABLE_LIMITS, totalMs: 120_000, maxInputs: 20 };

  async process(run: ToolRun<Options>): Promise<ToolResult> {
    await using session = await openSession(run, this.limits.memoryMb);
    const { engine, tables, first } = session;
    const { sql, to, neutralise: neutral } = run.options;
    await admit(engine, sql, await nameTables(session));

    const result = join(run.workspace, 'result.parquet');
    const text = sql.replace(/[;\s]+$/, '');
    const query = `COPY (\n${text}\n) TO ${literal(result)} (${PARQUET})`;
    const rows = await engine.perform(query, 0.5, 0.8, 'Running the query').catch((error: unknown) => {
      throw explainQuery(error, run);
    });
    const source = literal(result);
    const columns = await engine.columns(`FROM ${source}`);
    const head = await engine.head(`FROM ${source}`, run.options.preview);
    const work = writeTable(engine, run, 'output', { source, columns, rows, format: to, neutral, from: 0.8 });
    const path =
      to === 'parquet'
        ? result
        : await explained(work, run, 'table_unwritable', 'The result cannot be written in that format.');
    return {
      outputs: [named(path, first.report.name, '.result', to), ...rejectedFiles(tables)],
      data: { rows, columns, preview: fitting(head.rows), inputs: reports(tables) },
    };
  }
}

/** Answers the names that the query may use. */
async function nameTables({ engine, tables }: Session): Promise<ReadonlySet<string>> {
  const names = new Set<string>();
  for (const [index, table] of tables.entries()) {
    for (const name of index === 0 ? ['input', 'input1'] : [`input${index + 1}`]) {
      await engine.execute(`CREATE VIEW ${identifier(name)} AS FROM ${sourceOf(table)}`);
      names.add(name);
    }
  }
  return names;
}

/** As many rows as do not make the answer too long. */
function fitting(rows: readonly unknown[][]): unknown[][] {
  let left = PREVIEW_CHARACTERS;
  const end = rows.findIndex((row) => (left -= JSON.stringify(row).length) < 0);
  return end === -1 ? [...rows] : rows.slice(0, end);
}
