import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BaseTool, ToolError, z, type ToolResult, type ToolRun } from 'toolyard/sdk';
import { drawChart, KINDS } from './chart/picture.ts';
import { explained } from './engine.ts';
import { kindOf } from './profile/column.ts';
import { identifier, type Column } from './sql.text.ts';
import { findColumns } from './tables/columns.ts';
import { INPUT_TYPES } from './tables/inputs.ts';
import { readingOptions } from './tables/reading.ts';
import { openSession, rejectedFiles, reports, sourceOf, TABLE_LIMITS } from './tables/session.ts';
import { named } from './tables/write.ts';

/** Points of one line, bars, or slices. More cannot be told apart, and take seconds to draw. */
const MAX_POINTS = 5_000;

const options = z.strictObject({
  type: z.enum(KINDS).default('bar').describe('Kind of the chart.'),
  x: z.string().min(1).max(200).describe('Column whose values stand along the bottom, or name the slices.'),
  y: z
    .array(z.string().min(1).max(200))
    .min(1)
    .max(10)
    .optional()
    .describe('Columns with the values, one line or row of bars each. Without them, rows are counted.'),
  combine: z
    .enum(['sum', 'mean', 'min', 'max', 'none'])
    .default('sum')
    .describe(
      'What becomes of rows with the same x. With none, each row is a point of its own, in the order of the file.',
    ),
  sort: z.enum(['x', 'value']).default('x').describe('Order of the points: by x, or the largest value first.'),
  limit: z
    .int()
    .min(1)
    .max(MAX_POINTS)
    .default(1_000)
    .describe('How many points are drawn. Others are left out, and counted.'),
  title: z.string().max(200).optional().describe('A line above the chart.'),
  format: z.enum(['svg', 'png']).default('svg').describe('Format of the picture.'),
  width: z.int().min(100).max(4_000).default(960).describe('Width in pixels.'),
  height: z.int().min(100).max(4_000).default(540).describe('Height in pixels.'),
  ...readingOptions,
});

type Options = z.output<typeof options>;

export default class DataChart extends BaseTool<typeof options> {
  readonly name = 'data-chart';
  readonly title = 'Draw a chart';
  readonly description = 'Draws a line, area, bar, scatter or pie chart of the columns of a table, as SVG or PNG.';
  override readonly category = 'data';
  override readonly keywords = ['plot', 'graph', 'diagram', 'bar', 'line', 'pie', 'scatter', 'svg', 'png', 'csv'];
  readonly inputFormats = [...INPUT_TYPES];
  readonly outputFormats = ['image/svg+xml', 'image/png', 'text/csv', 'text/plain', 'application/x-ndjson'];
  readonly options = options;
  override readonly limits = { ...TABLE_LIMITS, totalMs: 300_000 };

  async process(run: ToolRun<Options>): Promise<ToolResult> {
    await using session = await openSession(run, this.limits.memoryMb);
    const { engine, tables, first } = session;
    const { options: wanted } = run;
    const [x] = findColumns(first.columns, [wanted.x]);
    if (x === undefined) throw new Error('The column was found, and is not there.');
    const y = findColumns(first.columns, wanted.y ?? []);
    const query = pointsQuery(sourceOf(first), x, y, wanted);
    const work = engine.head(query, wanted.limit);
    const head = await explained(work, run, 'parquet_unreadable', 'The file is not Parquet, or damaged.');
    run.progress(0.8, 'Drawing');
    const svg = await drawChart({
      kind: wanted.type,
      title: wanted.title,
      x: x.name,
      y: y.length === 0 ? ['rows'] : y.map(({ name }) => name),
      isContinuous: isNumber(x),
      rows: head.rows,
      width: wanted.width,
      height: wanted.height,
    });
    const path = join(run.workspace, `chart.${wanted.format}`);
    if (wanted.format === 'svg') await writeFile(path, svg);
    else await writePng(svg, path);
    return {
      outputs: [named(path, first.report.name, '', wanted.format), ...rejectedFiles(tables)],
      data: { points: head.rows.length, complete: !head.more, inputs: reports(tables) },
    };
  }
}

async function writePng(svg: string, path: string): Promise<void> {
  const { default: sharp } = await import('sharp');
  await sharp(Buffer.from(svg)).png().toFile(path);
}

function pointsQuery(source: string, x: Column, y: readonly Column[], { combine, sort }: Options): string {
  const bad = y.find((column) => !isNumber(column));
  if (bad) throw new ToolError('chart_columns', `The column ${JSON.stringify(bad.name.slice(0, 80))} has no numbers.`);
  const along = isNumber(x) ? `${identifier(x.name)}::DOUBLE` : `${identifier(x.name)}::VARCHAR`;
  const values = y.map(({ name }) => `${identifier(name)}::DOUBLE`);
  if (y.length > 0 && combine === 'none') return `SELECT ${[along, ...values].join(', ')} FROM ${source}`;
  const call = combine === 'mean' ? 'avg' : combine === 'none' ? 'sum' : combine;
  const combined = y.length === 0 ? ['count(*)'] : values.map((value) => `${call}(${value})`);
  const order = sort === 'x' ? '1' : '2 DESC, 1';
  return `SELECT ${[along, ...combined].join(', ')} FROM ${source} GROUP BY 1 ORDER BY ${order}`;
}

function isNumber({ type }: Column): boolean {
  return ['integer', 'float'].includes(kindOf(type));
}
