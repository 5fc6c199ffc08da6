/** Measures the built server from a second process: `npm run bench -- [image|echo|upload|all] [--seconds N]`. */
import { cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { startPlatform } from '../test/platform.ts';
import { TemporaryHome } from '../test/servers/temporary-home.ts';
import { echoBench } from './echo.bench.ts';
import { imageBench } from './image.bench.ts';
import type { Stage } from './stage.ts';
import { uploadBench } from './upload.bench.ts';

const BENCHES: Readonly<Record<string, (stage: Stage) => Promise<void>>> = {
  image: imageBench,
  echo: echoBench,
  upload: uploadBench,
};
const USAGE = `Usage: npm run bench -- [${Object.keys(BENCHES).join(' | ')} | all] [--seconds N]`;

const chosen = readArguments();
if (!chosen) {
  console.error(USAGE);
  process.exit(2);
}
console.log(`Node ${process.versions.node}, ${process.platform} ${process.arch}, ${machine()}`);
for (const bench of chosen.benches) await perform(bench, chosen.seconds);

async function perform(bench: (stage: Stage) => Promise<void>, seconds: number): Promise<void> {
  await using home = await TemporaryHome.open();
  await using platform = await startPlatform({ env: { LOG_LEVEL: 'warn' } });
  await bench({ platform, home, seconds });
  const log = platform.logs();
  if (log) console.log(`  The server logged:\n${log.slice(0, 2_000)}`);
}

function readArguments() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { seconds: { type: 'string', default: '5' } },
    });
    const names = positionals.length === 0 || positionals.includes('all') ? Object.keys(BENCHES) : positionals;
    const benches = names.flatMap((name) => BENCHES[name] ?? []);
    const seconds = Number(values.seconds);
    return benches.length === names.length && seconds > 0 ? { benches, seconds } : undefined;
  } catch {
    return undefined;
  }
}

function machine(): string {
  const [first, ...more] = cpus();
  return `${more.length + 1} × ${first?.model ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB`;
}
