import { BaseTool, ToolError, z, type ToolResult, type ToolRun } from 'toolyard/sdk';
import { INPUT_TYPES } from './tables/inputs.ts';
import { numbered, ROW, tableOptions, writeQuery } from './tables/output.ts';
import { openSession, rejectedFiles, reports, sourceOf, TABLE_LIMITS } from './tables/session.ts';
import { OUTPUT_TYPES } from './tables/write.ts';

const options = z.strictObject({
  rows: z
    .int()
    .min(1)
    .max(10_000_000)
    .optional()
    .describe('How many rows to take. Either this or share must be given.'),
  share: z.number().gt(0).max(1).optional().describe('Which share of the rows to take, about: 0.1 is a tenth.'),
  method: z
    .enum(['random', 'first', 'last'])
    .default('random')
    .describe('Which rows: random ones, in the order of the file, or the first or last ones.'),
  seed: z
    .int()
    .min(0)
    .max(2 ** 31 - 1)
    .default(1)
    .describe('The same seed takes the same rows of the same table.'),
  ...tableOptions,
});

type Options = z.output<typeof options>;

export default class DataSample extends BaseTool<typeof options> {
  readonly name = 'data-sample';
  readonly title = 'Take a sample of a table';
  readonly description =
    'Takes some rows of a table, by number or share: random ones that a seed decides, or the first or last ones.';
  override readonly category = 'data';
  override readonly keywords = ['random', 'subset', 'head', 'tail', 'rows', 'csv', 'reduce'];
  readonly inputFormats = [...INPUT_TYPES];
  readonly outputFormats = [...OUTPUT_TYPES];
  readonly options = options;
  override readonly limits = { ...TABLE_LIMITS };
  override readonly deterministic = true;

  override validate({ options: { rows, share } }: ToolRun<Options>): void {
    if ((rows === undefined) === (share === undefined)) {
      throw new ToolError('sample_size', 'Give either rows or share, and not both.');
    }
  }

  async process(run: ToolRun<Options>): Promise<ToolResult> {
    await using session = await openSession(run, this.limits.memoryMb);
    const { tables, first } = session;
    const query = sampleQuery(sourceOf(first), first.report.rows, run.options);
    const made = await writeQuery(session, run, query, { stem: 'sample', addition: '.sample' });
    return {
      outputs: [made.file, ...rejectedFiles(tables)],
      data: { rows_before: first.report.rows, rows: made.rows, inputs: reports(tables) },
    };
  }
}

/** A hash of row number and seed is a lot that is drawn alike however many threads draw. */
function sampleQuery(source: string, all: number, { rows, share, method, seed }: Options): string {
  const count = rows ?? Math.round(all * (share ?? 1));
  const base = `SELECT * EXCLUDE (${ROW}) FROM ${numbered(source)}`;
  if (method === 'first') return `${base} WHERE ${ROW} <= ${count} ORDER BY ${ROW}`;
  if (method === 'last') return `${base} WHERE ${ROW} > ${all - count} ORDER BY ${ROW}`;
  const lots = `(SELECT * FROM ${numbered(source)} ORDER BY hash(${ROW}, ${seed}), ${ROW} LIMIT ${count})`;
  return `SELECT * EXCLUDE (${ROW}) FROM ${lots} ORDER BY ${ROW}`;
}
