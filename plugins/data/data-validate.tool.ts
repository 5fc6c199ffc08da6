import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BaseTool, ToolError, z, type InputFile, type ToolResult, type ToolRun } from 'toolyard/sdk';
import { explained } from './engine.ts';
import { compileSchema, MAX_SCHEMA_BYTES, type Fault } from './schema/check.ts';
import { BufferedFile } from './tables/buffered.file.ts';
import { INPUT_TYPES } from './tables/inputs.ts';
import { readingOptions } from './tables/reading.ts';
import { openSession, rejectedFiles, reports, sourceOf, TABLE_LIMITS, type Session } from './tables/session.ts';
import { named } from './tables/write.ts';

/** Faults that also stand in the answer. The file has more. */
const TOLD = 20;

const options = z.strictObject({
  schema: z
    .record(z.string().max(200), z.unknown())
    .optional()
    .describe('The JSON Schema that each row must fulfil. Without it, the last input file is the schema.'),
  max_faults: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(100_000)
    .describe('How many faulty rows are written to the report. All of them are counted.'),
  ...readingOptions,
});

type Options = z.output<typeof options>;

export default class DataValidate extends BaseTool<typeof options> {
  readonly name = 'data-validate';
  readonly title = 'Validate a table against a JSON Schema';
  readonly description =
    'Checks each row of a table, as an object, against a JSON Schema (draft 2020-12 or 07). Empty cells count as absent, formats are not ' +
    'checked, and patterns that could take for ever are refused. Answers how many rows hold, and a report of those that do not.';
  override readonly category = 'data';
  override readonly keywords = ['json schema', 'check', 'quality', 'rules', 'csv', 'contract', 'ajv'];
  readonly inputFormats = [...INPUT_TYPES];
  readonly outputFormats = ['application/x-ndjson', 'application/json', 'text/plain', 'text/csv'];
  readonly options = options;
  override readonly limits = { ...TABLE_LIMITS, maxInputs: 2 };
  override readonly deterministic = true;

  override validate({ inputs, options: { schema } }: ToolRun<Options>): void {
    const wanted = schema === undefined ? 2 : 1;
    if (inputs.length !== wanted) {
      throw new ToolError('schema_missing', 'Give a table and a schema: the schema as an option, or as the last file.');
    }
  }

  async process(run: ToolRun<Options>): Promise<ToolResult> {
    const [table, file] = run.inputs;
    if (table === undefined) throw new ToolError('table_missing', 'There is no file to read.');
    const check = await compileSchema(run.options.schema ?? (await readSchema(file)));
    await using session = await openSession(run, this.limits.memoryMb, [table]);
    await using report = new BufferedFile(join(run.workspace, 'faults.ndjson'));
    const work = checkRows(session, run, check, report);
    const found = await explained(work, run, 'parquet_unreadable', 'The file is not Parquet, or damaged.');
    await report.close();
    const { tables, first } = session;
    const faults = found.invalid > 0 ? [named(report.path, first.report.name, '.faults', 'ndjson')] : [];
    return { outputs: [...faults, ...rejectedFiles(tables)], data: { ...found, inputs: reports(tables) } };
  }
}

async function readSchema(file: InputFile | undefined): Promise<unknown> {
  if (file === undefined || file.size > MAX_SCHEMA_BYTES) {
    throw new ToolError('schema_invalid', `A schema has at most ${MAX_SCHEMA_BYTES} bytes.`);
  }
  try {
    return JSON.parse((await readFile(file.path, 'utf8')).replace(/^\uFEFF/, ''));
  } catch {
    throw new ToolError('schema_invalid', 'The last file is not JSON.');
  }
}

interface Found {
  readonly rows: number;
  readonly valid: number;
  readonly invalid: number;
  readonly first: readonly { readonly row: number; readonly faults: readonly Fault[] }[];
}

async function checkRows(
  { engine, first }: Session,
  run: ToolRun<Options>,
  check: (row: unknown) => readonly Fault[],
  report: BufferedFile,
): Promise<Found> {
  const result = await engine.stream(`SELECT to_json(t)::VARCHAR AS row FROM ${sourceOf(first)} AS t`);
  const told: { row: number; faults: readonly Fault[] }[] = [];
  let row = 0;
  let invalid = 0;
  for await (const chunk of result.yieldRowsJs()) {
    run.signal.throwIfAborted();
    for (const [text] of chunk) {
      row++;
      const faults = check(present(typeof text === 'string' ? JSON.parse(text) : null));
      if (faults.length === 0) continue;
      invalid++;
      if (told.length < TOLD) told.push({ row, faults });
      if (invalid <= run.options.max_faults) report.add(Buffer.from(`${JSON.stringify({ row, faults })}\n`));
    }
    await report.settle();
    run.progress(0.5 + (0.5 * row) / Math.max(first.report.rows, 1), 'Checking the rows');
  }
  return { rows: row, valid: row - invalid, invalid, first: told };
}

/** A table has no way to leave a field out, so one without a value counts as left out. */
function present(row: unknown): unknown {
  if (typeof row !== 'object' || row === null) return row;
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null));
}
