import { BaseTool, ToolError, z, type OutputFile, type ToolResult, type ToolRun } from 'toolyard/sdk';
import { identifier, literal } from './sql.text.ts';
import { findColumns } from './tables/columns.ts';
import { INPUT_TYPES } from './tables/inputs.ts';
import { numbered, ROW, tableOptions, writeQuery } from './tables/output.ts';
import { openSession, rejectedFiles, reports, sourceOf, TABLE_LIMITS, type Session } from './tables/session.ts';
import { OUTPUT_TYPES } from './tables/write.ts';

/** Each part is a query and a file. */
const MAX_PARTS = 200;

const options = z.strictObject({
  rows: z.int().min(1).max(100_000_000).optional().describe('Rows of each part. Either this or column must be given.'),
  column: z.string().min(1).max(200).optional().describe('Column of which each value gets a part of its own.'),
  ...tableOptions,
});

type Options = z.output<typeof options>;

/** A part before it is made. */
interface Part {
  readonly where: string;
  readonly addition: string;
}

export default class DataSplit extends BaseTool<typeof options> {
  readonly name = 'data-split';
  readonly title = 'Split a table';
  readonly description = `Makes several tables of one: so many rows each, or one for each value of a column. At most ${MAX_PARTS}.`;
  override readonly category = 'data';
  override readonly keywords = ['divide', 'chunk', 'partition', 'group', 'rows', 'csv', 'parts'];
  readonly inputFormats = [...INPUT_TYPES];
  readonly outputFormats = [...OUTPUT_TYPES];
  readonly options = options;
  override readonly limits = { ...TABLE_LIMITS };
  override readonly deterministic = true;

  override validate({ options: { rows, column } }: ToolRun<Options>): void {
    if ((rows === undefined) === (column === undefined)) {
      throw new ToolError('split_by', 'Give either rows or column, and not both.');
    }
  }

  async process(run: ToolRun<Options>): Promise<ToolResult> {
    await using session = await openSession(run, this.limits.memoryMb);
    const { tables, first } = session;
    const { rows, column } = run.options;
    const parts = column === undefined ? byRows(first.report.rows, rows ?? 1) : await byValue(session, column);
    const outputs: OutputFile[] = [];
    const counts: number[] = [];
    for (const [index, { where, addition }] of parts.entries()) {
      const query = `SELECT * EXCLUDE (${ROW}) FROM ${numbered(sourceOf(first))} WHERE ${where} ORDER BY ${ROW}`;
      const made = await writeQuery(session, run, query, { stem: `part-${index + 1}`, addition });
      outputs.push(made.file);
      counts.push(made.rows);
      run.progress(0.5 + (0.5 * (index + 1)) / parts.length, `Part ${index + 1} of ${parts.length}`);
    }
    return {
      outputs: [...outputs, ...rejectedFiles(tables)],
      data: { rows: first.report.rows, parts: counts, inputs: reports(tables) },
    };
  }
}

function byRows(all: number, size: number): Part[] {
  const count = Math.max(Math.ceil(all / size), 1);
  if (count > MAX_PARTS) throw tooMany(count);
  return Array.from({ length: count }, (_, index) => ({
    where: `${ROW} > ${index * size} AND ${ROW} <= ${(index + 1) * size}`,
    addition: `.${index + 1}`,
  }));
}

async function byValue({ engine, first }: Session, name: string): Promise<Part[]> {
  const [found] = findColumns(first.columns, [name]);
  const column = identifier(found?.name ?? name);
  const rows = await engine.rows(
    `SELECT DISTINCT ${column}::VARCHAR AS value FROM ${sourceOf(first)} ORDER BY value NULLS LAST LIMIT ${MAX_PARTS + 1}`,
  );
  if (rows.length > MAX_PARTS) throw tooMany(`more than ${MAX_PARTS}`);
  return rows.map(({ value }, index) => ({
    where: `${column}::VARCHAR IS NOT DISTINCT FROM ${typeof value === 'string' ? literal(value) : 'NULL'}`,
    addition: `.${index + 1}-${slug(value)}`,
  }));
}

/** What can be read of a value in the name of a file. */
function slug(value: unknown): string {
  if (typeof value !== 'string') return 'missing';
  return (
    value
      .replaceAll(/[^\p{L}\p{N}_-]+/gu, '-')
      .slice(0, 40)
      .toWellFormed() || 'value'
  );
}

function tooMany(count: number | string): ToolError {
  return new ToolError('too_many_parts', `There would be ${count} parts; at most ${MAX_PARTS} are made.`);
}
