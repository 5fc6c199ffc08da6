import { Client } from './client.ts';
import { BareImages } from './image.bare.ts';
import { HEIGHT, makePhotograph, WIDTH } from './image.source.ts';
import { Visitor } from './image.visitor.ts';
import { drive, driveServer, LOAD_HEAD, loadCells, rate, type Round } from './load.ts';
import { Pace } from './pace.ts';
import { ROUNDS, type Stage, WARM_UP_SECONDS } from './stage.ts';
import { figure, table, verdict } from './table.ts';

const TARGET_OF_BARE = 0.75;

const FEW = { clients: 1, askAgainMs: 2 };
const MANY = { clients: 8, askAgainMs: 10 };

interface Compared {
  readonly clients: number;
  readonly bare: readonly Round[];
  readonly server: readonly Round[];
  readonly pollsPerTask: number;
}

/** A photograph becomes a small WebP: uploaded, converted, asked for, downloaded; beside the conversion alone. */
export async function imageBench(stage: Stage): Promise<void> {
  const photograph = await makePhotograph();
  const bare = await BareImages.open(stage, photograph);
  const visitor = new Visitor(photograph);
  await refuseDifferentImages(stage, bare, visitor);

  const kilobytes = Math.round(photograph.length / 1_000);
  console.log(`\nimage-convert: JPEG ${WIDTH} × ${HEIGHT} of ${kilobytes} kB to WebP, 320 pixels wide`);
  await warmUp(stage, visitor);
  const few = await compare(stage, FEW, bare, visitor);
  const many = await compare(stage, MANY, bare, visitor);

  console.log(table(['', ...LOAD_HEAD, 'polls/task', 'of bare'], [few, many].flatMap(rows)));
  console.log(`  ${MANY.clients} clients, tasks per second of bare: ${verdict(ofBare(many), '≥', TARGET_OF_BARE)}`);
}

async function warmUp({ platform }: Stage, visitor: Visitor): Promise<void> {
  using client = new Client(platform, MANY.clients);
  const pace = new Pace(MANY.askAgainMs);
  await drive(MANY.clients, WARM_UP_SECONDS, () => visitor.visit(client, pace));
}

/** In turns, so that whatever else the machine does falls on both. */
async function compare(
  { platform, seconds }: Stage,
  { clients, askAgainMs }: typeof FEW,
  alone: BareImages,
  visitor: Visitor,
): Promise<Compared> {
  const pace = new Pace(askAgainMs);
  const serve = async (): Promise<Round> => {
    using client = new Client(platform, clients);
    return await driveServer(platform.pid, clients, seconds, () => visitor.visit(client, pace));
  };
  const bare: Round[] = [];
  const server: Round[] = [];
  while (server.length < ROUNDS) {
    bare.push(await alone.round(clients, seconds));
    server.push(await serve());
  }
  return { clients, bare, server, pollsPerTask: pace.pollsPerTask };
}

function rows(compared: Compared): string[][] {
  const { clients, bare, server, pollsPerTask } = compared;
  return [
    [`sharp alone, ${clients} at a time`, ...loadCells(bare)],
    [`server, clients: ${clients}`, ...loadCells(server), figure(pollsPerTask), figure(ofBare(compared))],
  ];
}

function ofBare({ bare, server }: Compared): number {
  return rate(server) / rate(bare);
}

/** Otherwise the comparison would mean nothing. */
async function refuseDifferentImages({ platform }: Stage, bare: BareImages, visitor: Visitor): Promise<void> {
  using client = new Client(platform, 1);
  const served = await visitor.visit(client, new Pace(FEW.askAgainMs));
  if (served.equals(await bare.image())) return;
  throw new Error('image-convert and image.bare.process.ts make different images: bring the latter up to date.');
}
