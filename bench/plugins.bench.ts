import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { startPlatform } from '../test/platform.ts';
import type { Stage } from './stage.ts';
import { median } from './statistics.ts';
import { figure, table, verdict } from './table.ts';

const STARTS = 5;
const COLD_SECONDS = 3;
const WARM_SECONDS = 1.5;

const toolsSchema = z.object({ data: z.array(z.object({ available: z.boolean() })) });

/**
 * What plugins cost a start: with everything known from before, with descriptions only forgotten, and with compiled code
 * forgotten, too. From the start of the process until `/ready` is 200.
 */
export async function pluginsBench({ platform: asked }: Stage): Promise<void> {
  console.log('\nplugins: the start of a server');
  const { data } = toolsSchema.parse(await (await asked.get('/api/v1/tools')).json());
  console.log(`  ${data.length} tools, ${data.filter(({ available }) => available).length} of them available here`);
  await using platform = await startPlatform({ env: { LOG_LEVEL: 'warn' } });
  const member = platform.process('all');
  const start = async (...forgotten: string[]): Promise<number> => {
    await member.stop();
    for (const name of forgotten) await rm(join(platform.dataDir, name), { recursive: true, force: true });
    const since = performance.now();
    await member.start();
    return (performance.now() - since) / 1_000;
  };
  const several = async (...forgotten: string[]): Promise<number[]> => {
    const seconds = [];
    while (seconds.length < STARTS) seconds.push(await start(...forgotten));
    return seconds;
  };
  const warm = await several();
  const cold = await several('descriptions');
  const coldest = await several('descriptions', 'compiled');

  const rows = [row('warm', warm), row('without descriptions', cold), row('without compiled code, too', coldest)];
  console.log(table(['', 'median s', 'longest s'], rows));
  console.log(`  warm start: ${verdict(median(warm), '≤', WARM_SECONDS)}`);
  console.log(`  describing everything: ${verdict(median(cold) - median(warm), '≤', COLD_SECONDS)}`);
}

function row(name: string, seconds: readonly number[]): string[] {
  return [name, figure(median(seconds)), figure(Math.max(...seconds))];
}
