/**
 * The work of a tool by its library alone: `node catalogue.bare.process.ts <library> <input> <output>`. Writes the
 * milliseconds that the work took; loading the library and starting Node are not in them.
 */
import { DuckDBInstance } from '@duckdb/node-api';
import sharp from 'sharp';

const [library = '', input = '', output = ''] = process.argv.slice(2);

const WORK: Readonly<Record<string, () => Promise<unknown>>> = { sharp: resize, duckdb: convert };

async function resize(): Promise<void> {
  sharp.concurrency(1);
  await sharp(input, { failOn: 'error' })
    .autoOrient()
    .resize({ width: 2_000, fit: 'inside' })
    .jpeg({ quality: 80 })
    .toFile(output);
}

async function convert(): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
  const connection = await instance.connect();
  await connection.run(`copy (select * from read_csv('${input}')) to '${output}' (format parquet, compression zstd)`);
}

const started = performance.now();
await WORK[library]?.();
process.stdout.write(String(performance.now() - started));
