/**
 * CSV to Parquet by DuckDB alone, in a process of its own: `node csv.bare.process.ts <csv> <parquet> <threads> <MiB>`.
 * Writes {ms, rows} as JSON; loading DuckDB is not counted, opening it is.
 */
import { DuckDBInstance } from '@duckdb/node-api';

const [source = '', target = '', threads = '1', memory = '1024'] = process.argv.slice(2);

const started = performance.now();
const instance = await DuckDBInstance.create(':memory:', { threads, memory_limit: `${memory}MiB` });
const connection = await instance.connect();
const { rowsChanged } = await connection.run(
  `COPY (SELECT * FROM read_csv('${source}')) TO '${target}' (FORMAT parquet, COMPRESSION zstd)`,
);
process.stdout.write(JSON.stringify({ ms: performance.now() - started, rows: rowsChanged }));
