import { stat } from 'node:fs/promises';
import { BaseTool, z, type OutputFile, type ToolResult, type ToolRun } from 'toolyard/sdk';
import { Engine, explained } from './engine.ts';
import { INPUT_TYPES } from './tables/inputs.ts';
import { openTables } from './tables/open.ts';
import { FORMATS, readingOptions } from './tables/reading.ts';
import { neutralise } from './tables/options.ts';
import { sourceOf } from './tables/session.ts';
import type { Table } from './tables/table.ts';
import { named, OUTPUT_TYPES, writeTable } from './tables/write.ts';

const options = z.strictObject({
  to: z.enum(FORMATS).describe('Format of the new file.'),
  ...readingOptions,
  output_delimiter: z
    .enum([',', ';', '\t', '|'])
    .default(',')
    .describe('What stands between the fields of a new CSV file.'),
  neutralise,
});

type Options = z.output<typeof options>;

export default class DataConvert extends BaseTool<typeof options> {
  readonly name = 'data-convert';
  readonly title = 'Convert a table';
  readonly description =
    'Converts tables between CSV, JSON, NDJSON, Parquet and Excel. Encoding, delimiter, header and types are detected. ' +
    'No row is dropped silently: those that cannot be read are counted, explained, and given back in a file of their own.';
  override readonly category = 'data';
  override readonly keywords = [
    'csv',
    'json',
    'ndjson',
    'parquet',
    'excel',
    'xlsx',
    'spreadsheet',
    'table',
    'encoding',
  ];
  readonly inputFormats = [...INPUT_TYPES];
  readonly outputFormats = [...OUTPUT_TYPES];
  readonly options = options;
  // 200 MB of CSV hold 0.6 GB at the peak.
  override readonly limits = {
    memoryMb: 1536,
    totalMs: 600_000,
    maxInputBytes: 2 * 1024 ** 3,
    maxOutputBytes: 4 * 1024 ** 3,
  };
  override readonly deterministic = true;

  async process(run: ToolRun<Options>): Promise<ToolResult> {
    await using engine = await Engine.open(run, {
      memoryMb: this.limits.memoryMb,
      reads: run.inputs.map(({ path }) => path),
    });
    const [table] = await openTables(engine, run, run.options.to === 'parquet' ? 1 : 0.5);
    if (table === undefined) throw new Error('No table was opened.');
    const path = await written(engine, run, table);
    const { name } = table.report;
    const outputs: OutputFile[] = [named(path, name, '', run.options.to)];
    if (table.rejects !== undefined) outputs.push(named(table.rejects, name, '.rejected', table.report.format));
    return { outputs, data: { ...table.report, columns: table.columns, size: (await stat(path)).size } };
  }
}

/** What was not Parquet already is by now. */
async function written(engine: Engine, run: ToolRun<Options>, table: Table): Promise<string> {
  const { to, neutralise: neutral, output_delimiter: delimiter } = run.options;
  if (to === 'parquet' && table.report.format !== 'parquet') return table.path;
  const { columns, report } = table;
  const source = sourceOf(table);
  const work = writeTable(engine, run, 'output', {
    source,
    columns,
    rows: report.rows,
    format: to,
    neutral,
    delimiter,
    from: 0.5,
  });
  return explained(
    work,
    run,
    'table_unwritable',
    'The table cannot be written in that format, or the Parquet file is damaged.',
  );
}
