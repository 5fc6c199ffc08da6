import { serverTime } from './processor.ts';
import { median, percentile } from './statistics.ts';
import { figure } from './table.ts';

/** What came of clients each of which begins its next task when its last one has ended. */
export interface Round {
  readonly seconds: number;
  /** Milliseconds of each task. */
  readonly latencies: readonly number[];
  readonly processor: ProcessorTime;
}

/** Milliseconds of processor time in one round, as far as it is known. */
interface ProcessorTime {
  readonly server?: number;
  /** Of all processes that the server started: what runs the tools. */
  readonly tools?: number;
  /** Of the process that drove the clients. */
  readonly client?: number;
}

/** Lets the clients work for the given time, and waits until the last of them has ended its task. */
export async function drive(clients: number, seconds: number, work: () => Promise<unknown>): Promise<Round> {
  const latencies: number[] = [];
  const processor = process.cpuUsage();
  const start = performance.now();
  const end = start + seconds * 1_000;
  const client = async (): Promise<void> => {
    for (let begun = start; begun < end; begun = performance.now()) {
      await work();
      latencies.push(performance.now() - begun);
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  const { user, system } = process.cpuUsage(processor);
  return { seconds: (performance.now() - start) / 1_000, latencies, processor: { client: (user + system) / 1_000 } };
}

/** The same, with the processor time that it cost the server. */
export async function driveServer(
  pid: number,
  clients: number,
  seconds: number,
  work: () => Promise<unknown>,
): Promise<Round> {
  const before = serverTime(pid);
  const round = await drive(clients, seconds, work);
  const after = serverTime(pid);
  if (!before || !after) return round;
  const spent = { server: after.server - before.server, tools: after.tools - before.tools };
  return { ...round, processor: { ...round.processor, ...spent } };
}

/** Tasks per second: the median of the rounds. */
export function rate(rounds: readonly Round[]): number {
  return median(rounds.map(({ latencies, seconds }) => latencies.length / seconds));
}

/** Milliseconds that the share (0 to 1) of all tasks of the rounds took at most. */
export function latency(rounds: readonly Round[], share: number): number {
  const all = rounds.flatMap(({ latencies }) => latencies);
  return percentile(all, share);
}

export const LOAD_HEAD = ['tasks/s', 'p50 ms', 'p95 ms', 'p99 ms', 'cpu ms/task: server', 'tools', 'client'];

/** The cells under LOAD_HEAD. */
export function loadCells(rounds: readonly Round[]): string[] {
  const tasks = rounds.reduce((sum, { latencies }) => sum + latencies.length, 0);
  const perTask = (who: keyof ProcessorTime): number =>
    rounds.reduce((sum, { processor }) => sum + (processor[who] ?? Number.NaN), 0) / tasks;
  return [
    rate(rounds),
    ...[0.5, 0.95, 0.99].map((share) => latency(rounds, share)),
    ...(['server', 'tools', 'client'] as const).map(perTask),
  ].map(figure);
}
