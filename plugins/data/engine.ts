import { mkdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { DuckDBConnection, DuckDBInstance, DuckDBResult, DuckDBResultReader } from '@duckdb/node-api';
import { ToolError, type ToolRun } from 'toolyard/sdk';
import { type Column, literal } from './sql.text.ts';

/** More threads than these each hold buffers of their own, and files of a few hundred megabytes gain nothing by them. */
const MAX_THREADS = 4;

/** Of the memory of a run. The rest is for what DuckDB does not count, and for Node. */
const MEMORY_SHARE = 0.6;

/** Between two looks at how far a statement is. */
const PROGRESS_MS = 500;

/** What a run may use, as far as DuckDB needs to know it. */
export interface Room {
  /** MiB: the tool's limit. */
  readonly memoryMb: number;
  /** Files that may be read, beside the workspace. */
  readonly reads: readonly string[];
}

/** One database in memory, for one run: it sees the inputs and the workspace, and nothing else of the machine. */
export class Engine implements AsyncDisposable {
  private readonly instance: DuckDBInstance;
  private readonly connection: DuckDBConnection;
  private readonly run: ToolRun<unknown>;
  private readonly pending = new Set<Promise<unknown>>();
  private readonly interrupt = (): void => this.connection.interrupt();

  private constructor(instance: DuckDBInstance, connection: DuckDBConnection, run: ToolRun<unknown>) {
    this.instance = instance;
    this.connection = connection;
    this.run = run;
    run.signal.addEventListener('abort', this.interrupt);
  }

  static async open(run: ToolRun<unknown>, { memoryMb, reads }: Room): Promise<Engine> {
    // A word to stop may have come while the tool was loaded, and is heard only after a turn.
    await setImmediate();
    run.signal.throwIfAborted();
    const spill = join(run.workspace, 'spill');
    await mkdir(spill, { recursive: true });
    // Its library is large: whoever only asks what a tool is shall not wait for it.
    const { DuckDBInstance } = await import('@duckdb/node-api');
    run.signal.throwIfAborted();
    const instance = await DuckDBInstance.create(':memory:', {
      threads: String(Math.min(MAX_THREADS, availableParallelism())),
      memory_limit: `${Math.floor(memoryMb * MEMORY_SHARE)}MiB`,
      temp_directory: spill,
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
      allow_community_extensions: 'false',
    });
    const engine = new Engine(instance, await instance.connect(), run);
    await engine.lock(reads);
    return engine;
  }

  /** Runs a statement to its end. Answers the number of rows that it wrote. */
  async execute(sql: string): Promise<number> {
    return (await this.guarded(() => this.connection.run(sql))).rowsChanged;
  }

  /** Runs a long statement, and says how far it is. @param from, to the part of the run's progress that it is */
  async perform(sql: string, from: number, to: number, message: string): Promise<number> {
    this.run.progress(from, message);
    const timer = setInterval(() => {
      const { percentage } = this.connection.progress;
      if (percentage > 0) this.run.progress(from + ((to - from) * percentage) / 100, message);
    }, PROGRESS_MS);
    try {
      return await this.execute(sql);
    } finally {
      clearInterval(timer);
    }
  }

  /** All rows of a small result, values as JSON has them. */
  async rows(sql: string): Promise<Record<string, unknown>[]> {
    const reader = await this.guarded(() => this.connection.runAndReadAll(sql));
    const names = reader.deduplicatedColumnNames();
    return numbered(reader).map((row) => Object.fromEntries(row.map((value, index) => [names[index] ?? '', value])));
  }

  /** The first rows of a result, and its columns. */
  async head(sql: string, count: number): Promise<{ columns: string[]; rows: unknown[][]; more: boolean }> {
    const reader = await this.guarded(() => this.connection.streamAndReadUntil(sql, count + 1));
    const rows = numbered(reader);
    return { columns: reader.deduplicatedColumnNames(), rows: rows.slice(0, count), more: rows.length > count };
  }

  /** A result that is read while it is made. */
  stream(sql: string): Promise<DuckDBResult> {
    return this.guarded(() => this.connection.stream(sql));
  }

  /** Names and types of what a query answers. */
  async columns(query: string): Promise<Column[]> {
    const rows = await this.rows(`DESCRIBE ${query}`);
    return rows.map(({ column_name: name, column_type: type }) => ({ name: String(name), type: String(type) }));
  }

  /** Ends the statement that runs. */
  stop(): void {
    this.connection.interrupt();
  }

  /** Closing a database on which something runs ends the process. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.run.signal.removeEventListener('abort', this.interrupt);
    if (this.pending.size > 0) this.connection.interrupt();
    await Promise.allSettled(this.pending);
    this.connection.closeSync();
    this.instance.closeSync();
  }

  /** From here on no statement reaches another file, or changes that. */
  private async lock(reads: readonly string[]): Promise<void> {
    const list = reads.map(literal).join(', ');
    await this.execute("SET TimeZone = 'UTC'");
    await this.execute('SET enable_progress_bar = true');
    await this.execute('SET enable_progress_bar_print = false');
    await this.execute(`SET allowed_paths = [${list}]`);
    await this.execute(`SET allowed_directories = [${literal(this.run.workspace)}]`);
    await this.execute('SET enable_external_access = false');
    await this.execute('SET lock_configuration = true');
  }

  private async guarded<Result>(work: () => Promise<Result>): Promise<Result> {
    this.run.signal.throwIfAborted();
    const working = work();
    this.pending.add(working);
    try {
      return await working;
    } catch (error) {
      this.run.signal.throwIfAborted();
      throw error;
    } finally {
      this.pending.delete(working);
    }
  }
}

const WIDE_INTEGERS: ReadonlySet<string> = new Set(['BIGINT', 'UBIGINT', 'HUGEINT', 'UHUGEINT']);

/** Rows as JSON has them. Integers of 64 bits and more are numbers where a number can hold them, else text. */
function numbered(reader: DuckDBResultReader): unknown[][] {
  const isWide = reader.columnTypes().map((type) => WIDE_INTEGERS.has(type.toString()));
  return reader.getRowsJson().map((row) => row.map((value, index) => (isWide[index] ? numberOf(value) : value)));
}

function numberOf(value: unknown): unknown {
  return typeof value === 'string' && Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

/** The machine is at fault, or a limit was met: not for the user. */
const MACHINE = /out of memory|bad_alloc|no space left|disk quota|could not (write|fsync)|max_temp_directory_size/i;

/**
 * Waits for DuckDB. What it cannot do with the user's bytes becomes a ToolError; its own words name paths and go to the
 * log. Whatever the machine is to blame for is thrown as it is.
 */
export async function explained<Result>(
  work: Promise<Result>,
  run: ToolRun<unknown>,
  code: string,
  message: string,
): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    throw explain(error, run, code, message);
  }
}

/** Whether memory or disk are to blame. */
export function isMachine(error: unknown): boolean {
  return MACHINE.test(String(error));
}

export function explain(error: unknown, run: ToolRun<unknown>, code: string, message: string): unknown {
  if (error instanceof ToolError || run.signal.aborted) return error;
  const text = error instanceof Error ? error.message : String(error);
  if (isMachine(error)) return error;
  run.log.warn(text);
  return new ToolError(code, message);
}

/** What DuckDB says of a user's own query is for that user, as far as it names no path. */
export function explainQuery(error: unknown, run: ToolRun<unknown>): unknown {
  const told = explain(error, run, 'query_failed', 'The query failed.');
  if (!(told instanceof ToolError)) return told;
  const [line = ''] = String(error)
    .replace(/^Error: /, '')
    .split('\n', 1);
  return line.includes(run.workspace) || line.includes('/') ? told : new ToolError('query_failed', line.slice(0, 400));
}
