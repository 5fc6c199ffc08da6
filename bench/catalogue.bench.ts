import { mkdir, open, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, unexpected } from './client.ts';
import { type Job, JOBS } from './catalogue.jobs.ts';
import type { Source } from './catalogue.sources.ts';
import { runProgram, type Stage } from './stage.ts';
import { median } from './statistics.ts';
import { figure, table, verdict } from './table.ts';

const LIBRARIES = join(import.meta.dirname, 'catalogue.bare.process.ts');
const RESULT = 'bare.out';
const ROUNDS = 5;
const TARGET_OF_BARE = 0.85;
const LONG_MS = 200;

interface Compared {
  readonly job: Job;
  /** Milliseconds, one for each round. */
  readonly bare: readonly number[];
  /** The same, and its result on the disk: where the server has it before it answers. */
  readonly safe: readonly number[];
  readonly server: readonly number[];
}

/** Typical tools over HTTP, from the request that creates the task to its end, beside the bare library or program. */
export async function catalogueBench(stage: Stage): Promise<void> {
  const all: Compared[] = [];
  for (const job of JOBS) all.push(await compare(stage, job));

  console.log(
    '\ncatalogue: one task at a time, files uploaded before, beside the bare work; medians of five, in turns',
  );
  console.log(table(['', 'bare ms', 'on disk', 'server ms', 'of bare', 'of that on disk'], all.map(row)));
  for (const compared of all.filter(({ bare }) => median(bare) > LONG_MS))
    console.log(`  ${compared.job.tool}: ${verdict(ofBare(compared), '≥', TARGET_OF_BARE)}`);
}

async function compare(stage: Stage, job: Job): Promise<Compared> {
  const directory = join(stage.home.path, job.tool);
  await mkdir(directory);
  const sources = await job.sources(directory);
  using client = new Client(stage.platform, 1);
  const body = Buffer.from(JSON.stringify({ inputs: await upload(client, sources), options: job.options }));
  const serve = () => timed(() => process(client, job, body));
  const alone = () => runAlone(stage, job, directory, sources);
  const flush = () => timed(() => flushResults(directory));

  await serve();
  await alone();
  const compared = { job, bare: [] as number[], safe: [] as number[], server: [] as number[] };
  while (compared.server.length < ROUNDS) {
    const ms = await alone();
    compared.bare.push(ms);
    compared.safe.push(ms + (await flush()));
    compared.server.push(await serve());
  }
  return compared;
}

async function upload(client: Client, sources: readonly Source[]): Promise<string[]> {
  const ids: string[] = [];
  for (const { path, name } of sources) {
    const named = { 'content-disposition': `attachment; filename="${name}"` };
    const answer = await client.post('/api/v1/files', 'application/octet-stream', await readFile(path), named);
    const id = /"file_id":"([^"]+)"/.exec(answer.body.toString())?.[1];
    if (id === undefined) throw unexpected(answer);
    ids.push(id);
  }
  return ids;
}

/** Waits for the answer, as clients do: to ask again and again takes the processor from what is measured. */
async function process(client: Client, { tool }: Job, body: Buffer): Promise<void> {
  const answer = await client.post(`/api/v1/tools/${tool}/process`, 'application/json', body, {
    'cache-control': 'no-cache',
    prefer: 'wait=25',
  });
  if (answer.status !== 200 || !answer.body.includes('"status":"completed"')) throw unexpected(answer);
}

/** Milliseconds: as the library's own process says, or, of a program, from its start to its end. */
async function runAlone(
  { home }: Stage,
  { bare }: Job,
  directory: string,
  sources: readonly Source[],
): Promise<number> {
  const output = join(directory, RESULT);
  for (const path of await results(directory)) await rm(path);
  const [first] = sources;
  if ('library' in bare) {
    return Number(
      await runProgram(home, globalThis.process.execPath, [LIBRARIES, bare.library, first?.path ?? '', output]),
    );
  }
  const paths = sources.map(({ path }) => path);
  return timed(() => runProgram(home, bare.program, bare.args(paths, output)));
}

async function flushResults(directory: string): Promise<void> {
  for (const path of await results(directory)) {
    await using file = await open(path);
    await file.sync();
  }
}

/** What the bare work has written: programs add an extension of their own. */
async function results(directory: string): Promise<string[]> {
  const names = await readdir(directory);
  return names.filter((name) => name.startsWith(RESULT)).map((name) => join(directory, name));
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

function row(compared: Compared): string[] {
  const { job, bare, safe, server } = compared;
  const figures = [median(bare), median(safe), median(server), ofBare(compared), median(safe) / median(server)];
  return [`${job.tool}, beside ${job.beside}`, ...figures.map(figure)];
}

function ofBare({ bare, server }: Compared): number {
  return median(bare) / median(server);
}
