import { open, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { bytesRead, forgetPeak, peakMemory } from './processor.ts';
import { ROUNDS, runProgram, type Stage } from './stage.ts';
import { median } from './statistics.ts';
import { figure, table, verdict } from './table.ts';
import { chunks, remove, upload, UPLOAD_BYTES, uploadAsImage } from './upload.client.ts';

const TARGET_OF_COPY = 0.6;
const TARGET_MEMORY_MIB = 96;
const TARGET_READ_MIB = 1;

const MIB = 2 ** 20;

/** Otherwise a file system that can share blocks between files would copy nothing. */
const COPY_OPTIONS = process.platform === 'linux' ? ['--reflink=never'] : [];

/** Seconds of each round. */
interface Times {
  readonly copied: number[];
  /** The same copies, until the system has them on the disk: what the server waits for, too. */
  readonly flushed: number[];
  readonly uploaded: number[];
}

/** A large file: how fast it comes in, beside `cp`; what it costs in memory; how soon it is refused. */
export async function uploadBench(stage: Stage): Promise<void> {
  console.log(`\nupload: ${UPLOAD_BYTES / 1e9} GB as the body of a request`);
  await refuseSmallDisk(stage);
  const source = join(stage.home.path, 'source');
  await writeSource(source);
  const { pid } = stage.platform;
  forgetPeak(pid);
  const start = peakMemory(pid);
  // As far as speed goes, this one only warms up.
  await uploadOnce(stage);
  const first = peakMemory(pid);
  const times: Times = { copied: [], flushed: [], uploaded: [] };
  while (times.uploaded.length < ROUNDS) {
    await copyOnce(stage, source, times);
    times.uploaded.push(await uploadOnce(stage));
  }
  printSpeed(times);
  printMemory('the first upload', start, first);
  printMemory('all uploads', start, peakMemory(pid));
  await refuseOnce(stage);
}

function printSpeed(times: Times): void {
  const { copied, flushed, uploaded } = times;
  const rows = [
    ['cp', ...speedCells(copied, times)],
    ['cp, then flushed to the disk', ...speedCells(flushed, times)],
    ['server, flushed as well', ...speedCells(uploaded, times)],
  ];
  console.log(table(['', 'MB/s', 'slowest', 'fastest', 'of cp', 'of cp, flushed'], rows));
  console.log(`  MB/s of cp: ${verdict(median(copied) / median(uploaded), '≥', TARGET_OF_COPY)}`);
}

function speedCells(seconds: readonly number[], { copied, flushed }: Times): string[] {
  const speeds = [median(seconds), Math.max(...seconds), Math.min(...seconds)].map((time) => UPLOAD_BYTES / 1e6 / time);
  return [...speeds, median(copied) / median(seconds), median(flushed) / median(seconds)].map(figure);
}

/** @param before bytes at the peak, as `after`; undefined where the system does not tell */
function printMemory(by: string, before: number | undefined, after: number | undefined): void {
  if (before === undefined || after === undefined) return;
  const [from, to] = [before / MIB, after / MIB];
  const moved = verdict(to - from, '<', TARGET_MEMORY_MIB);
  console.log(`  peak memory moved by ${by}, MiB: ${moved} (${figure(from)} to ${figure(to)})`);
}

async function refuseOnce({ platform }: Stage): Promise<void> {
  const before = bytesRead(platform.pid);
  const { response, sent } = await uploadAsImage(platform);
  const after = bytesRead(platform.pid);
  const code = /"code":"(\w+)"/.exec(response?.body.toString() ?? '')?.[1];
  console.log(`  as an image: ${response?.status} ${code}; sent when the connection ended: ${figure(sent / MIB)} MiB`);
  if (before === undefined || after === undefined) return;
  console.log(`  read of it, MiB: ${verdict((after - before) / MIB, '<', TARGET_READ_MIB)}`);
}

async function uploadOnce({ platform }: Stage): Promise<number> {
  const { value: id, seconds } = await timed(() => upload(platform));
  await remove(platform, id);
  return seconds;
}

async function copyOnce({ home }: Stage, source: string, { copied, flushed }: Times): Promise<void> {
  const copy = join(home.path, 'copy');
  const copying = await timed(() => runProgram(home, 'cp', [...COPY_OPTIONS, source, copy]));
  const flushing = await timed(() => flush(copy));
  copied.push(copying.seconds);
  flushed.push(copying.seconds + flushing.seconds);
  await rm(copy);
}

async function timed<Value>(work: () => Promise<Value>): Promise<{ value: Value; seconds: number }> {
  const start = performance.now();
  const value = await work();
  return { value, seconds: (performance.now() - start) / 1_000 };
}

async function writeSource(path: string): Promise<void> {
  await using file = await open(path, 'wx');
  for (const chunk of chunks()) await file.write(chunk);
  await file.sync();
}

async function flush(path: string): Promise<void> {
  await using file = await open(path, 'r+');
  await file.sync();
}

async function refuseSmallDisk({ home }: Stage): Promise<void> {
  const { bavail, bsize } = await statfs(home.path);
  const needed = 2.5 * UPLOAD_BYTES;
  if (bavail * bsize >= needed) return;
  throw new Error(`${home.path} has not the ${needed / 1e9} GB that are needed: name another place in TMPDIR.`);
}
