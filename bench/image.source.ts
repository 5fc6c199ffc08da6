import sharp from 'sharp';
import { randomNumbers } from '../test/random.ts';

export const WIDTH = 1_600;
export const HEIGHT = 1_067;

const CHANNELS = 3;
const SEED = 20_260_101;

/** Together they make about 390 kB. */
const QUALITY = 82;
const GRAIN = 72;

/** A JPEG, the same on every machine: a gradient with the grain of a photograph. */
export function makePhotograph(): Promise<Buffer> {
  const raw = { width: WIDTH, height: HEIGHT, channels: CHANNELS } as const;
  return sharp(draw(), { raw }).blur(0.6).jpeg({ quality: QUALITY }).toBuffer();
}

function draw(): Buffer {
  const random = randomNumbers(SEED);
  const pixels = Buffer.alloc(WIDTH * HEIGHT * CHANNELS);
  for (let at = 0; at < WIDTH * HEIGHT; at++) {
    const grain = random(GRAIN) - GRAIN / 2;
    const across = (at % WIDTH) / WIDTH;
    const down = Math.floor(at / WIDTH) / HEIGHT;
    const colours = [40 + 170 * across, 40 + 170 * down, 40 + 170 * (1 - across * down)];
    colours.forEach((colour, channel) => (pixels[at * CHANNELS + channel] = colour + grain));
  }
  return pixels;
}
