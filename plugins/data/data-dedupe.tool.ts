import { BaseTool, z, type ToolResult, type ToolRun } from 'toolyard/sdk';
import { identifier, type Column } from './sql.text.ts';
import { findColumns } from './tables/columns.ts';
import { INPUT_TYPES } from './tables/inputs.ts';
import { numbered, ROW, tableOptions, writeQuery } from './tables/output.ts';
import { openSession, rejectedFiles, reports, sourceOf, TABLE_LIMITS } from './tables/session.ts';
import { OUTPUT_TYPES } from './tables/write.ts';

const options = z.strictObject({
  columns: z
    .array(z.string().min(1).max(200))
    .max(100)
    .default([])
    .describe('Columns in which rows must be alike to count as the same. By default all columns.'),
  keep: z.enum(['first', 'last']).default('first').describe('Which one of rows that are alike stays.'),
  ignore_case: z
    .boolean()
    .default(false)
    .describe('Whether texts that differ only in letter case, or in spaces at their ends, count as alike.'),
  ...tableOptions,
});

type Options = z.output<typeof options>;

export default class DataDedupe extends BaseTool<typeof options> {
  readonly name = 'data-dedupe';
  readonly title = 'Remove duplicate rows';
  readonly description =
    'Keeps one of all rows that are alike, in all columns or in some. The others keep their order.';
  override readonly category = 'data';
  override readonly keywords = ['duplicate', 'unique', 'distinct', 'clean', 'rows', 'csv'];
  readonly inputFormats = [...INPUT_TYPES];
  readonly outputFormats = [...OUTPUT_TYPES];
  readonly options = options;
  override readonly limits = { ...TABLE_LIMITS };
  override readonly deterministic = true;

  async process(run: ToolRun<Options>): Promise<ToolResult> {
    await using session = await openSession(run, this.limits.memoryMb);
    const { tables, first } = session;
    const { columns, keep, ignore_case: ignoreCase } = run.options;
    const keys = columns.length === 0 ? first.columns : findColumns(first.columns, columns);
    const alike = keys.map((column) => keyOf(column, ignoreCase)).join(', ');
    const order = keep === 'first' ? ROW : `${ROW} DESC`;
    const query = `SELECT * EXCLUDE (${ROW}) FROM (SELECT * FROM ${numbered(sourceOf(first))}
      QUALIFY row_number() OVER (PARTITION BY ${alike} ORDER BY ${order}) = 1) ORDER BY ${ROW}`;
    const made = await writeQuery(session, run, query, { stem: 'unique', addition: '.unique' });
    const { rows } = first.report;
    return {
      outputs: [made.file, ...rejectedFiles(tables)],
      data: { rows_before: rows, rows: made.rows, removed: rows - made.rows, inputs: reports(tables) },
    };
  }
}

function keyOf({ name, type }: Column, ignoreCase: boolean): string {
  return ignoreCase && type === 'VARCHAR' ? `lower(trim(${identifier(name)}))` : identifier(name);
}
