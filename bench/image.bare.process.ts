/**
 * The work of image-convert without a server, in a process of its own:
 * `node image.bare.process.ts <image> <directory> <how many at a time> <seconds>`. Writes a Round as JSON.
 */
import { join } from 'node:path';
import { open } from '../plugins/image/decoders.ts';
import { FORMATS } from '../plugins/image/formats.ts';
import { drive, type Round } from './load.ts';

const [image = '', directory = '', atATime = '1', seconds = '1'] = process.argv.slice(2);
let count = 0;

async function convert(): Promise<void> {
  const resized = open(image, false).autoOrient().resize({ width: 320, fit: 'inside', withoutEnlargement: true });
  await FORMATS.webp.encode(resized, undefined).toFile(join(directory, `${count++ % Number(atATime)}.webp`));
}

await drive(Number(atATime), Math.min(Number(seconds), 1), convert);
const round: Round = await drive(Number(atATime), Number(seconds), convert);
process.stdout.write(JSON.stringify({ ...round, processor: { tools: round.processor.client } }));
