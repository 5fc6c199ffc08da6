import sharp from 'sharp';
import { Client, unexpected } from './client.ts';
import { Pace, taskId } from './pace.ts';
import type { Stage } from './stage.ts';
import { percentile } from './statistics.ts';
import { figure, verdict } from './table.ts';

const WIDTH = 4_000;
const HEIGHT = 3_000;
const REPETITIONS = 200;
const TARGET_MS = 15;

/** The same conversion of 12 megapixels again and again: from the second one on it is answered from what is known. */
export async function cacheBench({ platform }: Stage): Promise<void> {
  using client = new Client(platform, 1);
  const uploaded = await client.post('/api/v1/files', 'image/jpeg', await photograph());
  const id = /"file_id":"([^"]+)"/.exec(uploaded.body.toString())?.[1];
  if (id === undefined) throw unexpected(uploaded);
  const body = Buffer.from(JSON.stringify({ inputs: [id], options: { format: 'webp', width: 1_600 } }));
  const convert = () => client.post('/api/v1/tools/image-convert/process', 'application/json', body);

  const first = performance.now();
  await new Pace(2).follow(client, taskId(await convert()));
  const ran = performance.now() - first;
  const times: number[] = [];
  for (let round = 0; round < REPETITIONS; round++) {
    const started = performance.now();
    const answer = await convert();
    if (!answer.body.includes('"cache_hit":true')) throw unexpected(answer);
    times.push(performance.now() - started);
  }

  console.log(`\ncache: ${WIDTH} × ${HEIGHT} pixels to WebP, 1600 wide; the first one took ${figure(ran)} ms`);
  console.log(`  again, p50 in ms: ${verdict(percentile(times, 0.5), '<', TARGET_MS)}`);
  console.log(`  p99 in ms: ${figure(percentile(times, 0.99))}`);
}

function photograph(): Promise<Buffer> {
  const noise = { type: 'gaussian', mean: 128, sigma: 30 } as const;
  return sharp({ create: { width: WIDTH, height: HEIGHT, channels: 3, background: '#888', noise } })
    .jpeg()
    .toBuffer();
}
