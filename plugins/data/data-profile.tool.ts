import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BaseTool, ToolError, z, type ToolResult, type ToolRun } from 'toolyard/sdk';
import { explained } from './engine.ts';
import { profileColumn, type ColumnProfile } from './profile/column.ts';
import { profilePage } from './profile/page.ts';
import { INPUT_TYPES } from './tables/inputs.ts';
import { readingOptions } from './tables/reading.ts';
import { openSession, rejectedFiles, reports, sourceOf, TABLE_LIMITS, type Session } from './tables/session.ts';
import { named } from './tables/write.ts';

/** Each column is several queries, and a section of the page. */
const MAX_PROFILED = 500;

/** Columns whose profiles also stand in the answer, which has its limit. The files have all. */
const TOLD_COLUMNS = 100;

const options = z.strictObject({ ...readingOptions });

type Options = z.output<typeof options>;

export default class DataProfile extends BaseTool<typeof options> {
  readonly name = 'data-profile';
  readonly title = 'Profile a table';
  readonly description =
    'Tells of each column its type, missing and distinct values, extremes, mean, quantiles, most frequent values and a histogram, ' +
    'as JSON and as an HTML page that needs nothing but itself.';
  override readonly category = 'data';
  override readonly keywords = [
    'statistics',
    'summary',
    'describe',
    'quality',
    'histogram',
    'quantile',
    'csv',
    'explore',
  ];
  readonly inputFormats = [...INPUT_TYPES];
  readonly outputFormats = ['application/json', 'text/html', 'text/plain', 'text/csv', 'application/x-ndjson'];
  readonly options = options;
  // Not deterministic: threads add up means in the order in which they come, which shows in the last digits.
  override readonly limits = { ...TABLE_LIMITS };

  async process(run: ToolRun<Options>): Promise<ToolResult> {
    await using session = await openSession(run, this.limits.memoryMb);
    const { tables, first } = session;
    const columns = await profile(session, run);
    const page = join(run.workspace, 'profile.html');
    const json = join(run.workspace, 'profile.json');
    await writeFile(page, profilePage(first.report, columns));
    await writeFile(json, JSON.stringify({ table: first.report, columns }, undefined, 2));
    const { name } = first.report;
    return {
      outputs: [named(json, name, '.profile', 'json'), named(page, name, '.profile', 'html'), ...rejectedFiles(tables)],
      data: { rows: first.report.rows, columns: columns.slice(0, TOLD_COLUMNS), inputs: reports(tables) },
    };
  }
}

async function profile({ engine, first }: Session, run: ToolRun<Options>): Promise<ColumnProfile[]> {
  const { columns, report } = first;
  if (columns.length > MAX_PROFILED) {
    throw new ToolError(
      'too_many_columns',
      `A profile is made of at most ${MAX_PROFILED} columns; there are ${columns.length}.`,
    );
  }
  const profiles: ColumnProfile[] = [];
  for (const [index, column] of columns.entries()) {
    run.progress(0.5 + (0.5 * index) / columns.length, `Looking at column ${index + 1} of ${columns.length}`);
    const work = profileColumn(engine, sourceOf(first), column, report.rows);
    profiles.push(await explained(work, run, 'parquet_unreadable', 'The file is not Parquet, or damaged.'));
  }
  return profiles;
}
