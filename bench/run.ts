/** Measures the built server from a second process. See README.md beside this file. */
import { cpus, loadavg, totalmem } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { startPlatform } from '../test/platform.ts';
import { TemporaryHome } from '../test/servers/temporary-home.ts';
import { catalogueBench } from './catalogue.bench.ts';
import { cacheBench } from './cache.bench.ts';
import { childBench } from './child.bench.ts';
import { csvBench } from './csv.bench.ts';
import { echoBench } from './echo.bench.ts';
import { followBench } from './follow.bench.ts';
import { imageBench } from './image.bench.ts';
import { pluginsBench } from './plugins.bench.ts';
import { promisesBench } from './promises.bench.ts';
import type { Stage } from './stage.ts';
import { uploadBench } from './upload.bench.ts';

const BENCHES: ReadonlyMap<string, (stage: Stage) => Promise<void>> = new Map([
  ['image', imageBench],
  ['echo', echoBench],
  ['cache', cacheBench],
  ['child', childBench],
  ['upload', uploadBench],
  ['follow', followBench],
  ['catalogue', catalogueBench],
  ['csv', csvBench],
  ['plugins', pluginsBench],
  ['promises', promisesBench],
]);
const NAMES = [...BENCHES.keys()];
const USAGE = `Usage: npm run bench -- [${NAMES.join(' | ')} | all] [--seconds N] [--profile DIRECTORY]`;

const chosen = readArguments();
if (!chosen) {
  console.error(USAGE);
  process.exit(2);
}
console.log(`Node ${process.versions.node}, ${process.platform} ${process.arch}, ${machine()}`);
/** Counted, as everywhere, but never reached: the kinds of requests that benchmarks make. */
const UNREACHED = { RATE_LIMIT_CREATE: '1000000000', RATE_LIMIT_STATUS: '1000000000', RATE_LIMIT_OTHER: '1000000000' };
const env = {
  LOG_LEVEL: 'warn',
  ...UNREACHED,
  ...(chosen.profile !== undefined && { NODE_OPTIONS: profiling(chosen.profile) }),
};
for (const bench of chosen.benches) await perform(bench, chosen.seconds);

async function perform(bench: (stage: Stage) => Promise<void>, seconds: number): Promise<void> {
  await using home = await TemporaryHome.open();
  await using platform = await startPlatform({ env });
  await bench({ platform, home, seconds });
  const log = platform.logs();
  if (log) console.log(`  The server logged:\n${log.slice(0, 2_000)}`);
}

function readArguments() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { seconds: { type: 'string', default: '5' }, profile: { type: 'string' } },
    });
    const names = positionals.length === 0 || positionals.includes('all') ? NAMES : positionals;
    const benches = names.flatMap((name) => BENCHES.get(name) ?? []);
    const seconds = Number(values.seconds);
    return benches.length === names.length && seconds > 0 ? { benches, seconds, profile: values.profile } : undefined;
  } catch {
    return undefined;
  }
}

/** Node writes the profile when the server ends. */
function profiling(directory: string): string {
  return `--cpu-prof --cpu-prof-dir=${JSON.stringify(resolve(directory))}`;
}

function machine(): string {
  const [first, ...more] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${more.length + 1} × ${first?.model ?? 'unknown'}, ${memory} GiB, load ${loadavg()[0]?.toFixed(1)}`;
}
