import { BaseTool, ToolError, z, type ToolResult, type ToolRun } from 'toolyard/sdk';
import { identifier, literal } from './sql.text.ts';
import { findColumns } from './tables/columns.ts';
import { INPUT_TYPES } from './tables/inputs.ts';
import { tableOptions, writeQuery } from './tables/output.ts';
import { openSession, rejectedFiles, reports, sourceOf, TABLE_LIMITS } from './tables/session.ts';
import type { Table } from './tables/table.ts';
import { OUTPUT_TYPES } from './tables/write.ts';

const JOINS = { inner: 'JOIN', left: 'LEFT JOIN', full: 'FULL JOIN' } as const;

const options = z.strictObject({
  how: z
    .enum(['append', 'inner', 'left', 'full'])
    .default('append')
    .describe(
      'append puts the rows of all tables below each other, by the names of the columns. The others put tables side by side where ' +
        'the columns in on are equal: inner keeps rows that are in all, left all rows of the first table, full all rows.',
    ),
  on: z
    .array(z.string().min(1).max(200))
    .max(20)
    .default([])
    .describe('Columns by which rows find each other. All tables must have them. Not for append.'),
  source_column: z
    .string()
    .min(1)
    .max(100)
    .optional()
    .describe('With append: name of a new column with the name of the file that each row is from.'),
  ...tableOptions,
});

type Options = z.output<typeof options>;

export default class DataMerge extends BaseTool<typeof options> {
  readonly name = 'data-merge';
  readonly title = 'Merge tables';
  readonly description =
    'Makes one table of several: rows below each other, or side by side where some columns are equal. Formats may differ.';
  override readonly category = 'data';
  override readonly keywords = ['append', 'concatenate', 'union', 'join', 'combine', 'csv', 'tables'];
  readonly inputFormats = [...INPUT_TYPES];
  readonly outputFormats = [...OUTPUT_TYPES];
  readonly options = options;
  override readonly limits = { ...TABLE_LIMITS, maxInputs: 50 };
  override readonly deterministic = true;

  override validate({ inputs, options: { how, on } }: ToolRun<Options>): void {
    if (inputs.length < 2) throw new ToolError('table_missing', 'There must be two tables or more.');
    if ((how === 'append') !== (on.length === 0)) {
      throw new ToolError('merge_on', 'Name the columns in on for inner, left and full, and none for append.');
    }
  }

  async process(run: ToolRun<Options>): Promise<ToolResult> {
    await using session = await openSession(run, this.limits.memoryMb);
    const { tables } = session;
    const { how, on, source_column: column } = run.options;
    const query = how === 'append' ? appended(tables, column) : joined(tables, JOINS[how], on);
    const made = await writeQuery(session, run, query, { stem: 'merged', addition: '.merged' });
    return { outputs: [made.file, ...rejectedFiles(tables)], data: { rows: made.rows, inputs: reports(tables) } };
  }
}

function appended(tables: readonly Table[], column: string | undefined): string {
  const clash = column !== undefined && tables.some(({ columns }) => columns.some(({ name }) => isSame(name, column)));
  if (clash) throw new ToolError('column_taken', 'There is a column with the name in source_column already.');
  const one = (table: Table): string => {
    const added = column === undefined ? '' : `, ${literal(table.report.name)} AS ${identifier(column)}`;
    return `SELECT *${added} FROM ${sourceOf(table)}`;
  };
  return tables.map(one).join(' UNION ALL BY NAME ');
}

/** Other columns of the same name get a number, so that none is lost. */
function joined(tables: readonly Table[], join: string, on: readonly string[]): string {
  const taken = new Set<string>();
  const sources = tables.map((table, index) => {
    const keys = findColumns(table.columns, on).map(({ name }) => name);
    const renamed = table.columns.map(({ name }) => {
      const key = on.find((wanted) => keys.includes(name) && isSame(wanted, name));
      const target = key ?? unique(name, index + 1, taken);
      return `${identifier(name)} AS ${identifier(target)}`;
    });
    return `(SELECT ${renamed.join(', ')} FROM ${sourceOf(table)}) AS t${index + 1}`;
  });
  const using = `USING (${on.map(identifier).join(', ')})`;
  const [first, ...more] = sources;
  return `SELECT * FROM ${first} ${more.map((source) => `${join} ${source} ${using}`).join(' ')}`;
}

function unique(name: string, table: number, taken: Set<string>): string {
  let free = name;
  for (let count = table; taken.has(free.toLowerCase()); count++) free = `${name}_${count}`;
  taken.add(free.toLowerCase());
  return free;
}

function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
