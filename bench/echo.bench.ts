import { Client } from './client.ts';
import { drive, driveServer, latency, LOAD_HEAD, loadCells, rate, type Round } from './load.ts';
import { Pace, taskId } from './pace.ts';
import { ROUNDS, type Stage, WARM_UP_SECONDS } from './stage.ts';
import { figure, table, verdict } from './table.ts';

const TARGET_PER_SECOND = 1_000;
const TARGET_P50_MS = 10;

const ONE = { clients: 1, askAgainMs: 1 };
const MANY = { clients: 16, askAgainMs: 4 };

const BODY = Buffer.from(JSON.stringify({ options: { message: 'How long does nothing take?' } }));

interface Measured {
  readonly clients: number;
  readonly rounds: readonly Round[];
  readonly pollsPerTask: number;
}

/** What a task costs when its work costs nothing: created by JSON, and asked for until it is completed. */
export async function echoBench(stage: Stage): Promise<void> {
  console.log('\necho: a task that does nothing');
  await warmUp(stage);
  const one = await measure(stage, ONE);
  const many = await measure(stage, MANY);

  console.log(table(['', ...LOAD_HEAD, 'polls/task'], [one, many].map(row)));
  console.log(`  ${MANY.clients} clients, tasks per second: ${verdict(rate(many.rounds), '≥', TARGET_PER_SECOND)}`);
  console.log(`  ${ONE.clients} client, p50 in ms: ${verdict(latency(one.rounds, 0.5), '≤', TARGET_P50_MS)}`);
}

async function warmUp({ platform }: Stage): Promise<void> {
  using client = new Client(platform, MANY.clients);
  const pace = new Pace(MANY.askAgainMs);
  await drive(MANY.clients, WARM_UP_SECONDS, () => echo(client, pace));
}

async function measure({ platform, seconds }: Stage, { clients, askAgainMs }: typeof ONE): Promise<Measured> {
  using client = new Client(platform, clients);
  const pace = new Pace(askAgainMs);
  const rounds: Round[] = [];
  while (rounds.length < ROUNDS) {
    rounds.push(await driveServer(platform.pid, clients, seconds, () => echo(client, pace)));
  }
  return { clients, rounds, pollsPerTask: pace.pollsPerTask };
}

async function echo(client: Client, pace: Pace): Promise<void> {
  const id = taskId(await client.post('/api/v1/tools/echo/process', 'application/json', BODY));
  await pace.follow(client, id);
}

function row({ clients, rounds, pollsPerTask }: Measured): string[] {
  return [`clients: ${clients}`, ...loadCells(rounds), figure(pollsPerTask)];
}
