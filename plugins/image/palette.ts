/** Red, green and blue, 0 to 255. */
export type Rgb = readonly [number, number, number];

/** One colour of an image, and how much of it has about this colour, from 0 to 1. */
export interface Swatch {
  readonly rgb: Rgb;
  readonly share: number;
}

/** Pixels of which at least this much is seen count. */
const SEEN_ALPHA = 128;

/** The pixels that are seen, of four bytes each. */
export function colours(data: Uint8Array): Rgb[] {
  const found: Rgb[] = [];
  for (let at = 0; at < data.length; at += 4) {
    const [red = 0, green = 0, blue = 0, alpha = 0] = data.subarray(at, at + 4);
    if (alpha >= SEEN_ALPHA) found.push([red, green, blue]);
  }
  return found;
}

/**
 * Median cut: the box of colours that is worth most is cut in two at its middle pixel, along its longest side, until
 * there are as many as are wanted. The most frequent comes first; fewer come where the image has fewer.
 */
export function palette(pixels: readonly Rgb[], count: number): Swatch[] {
  if (pixels.length === 0) return [];
  let boxes = [pixels];
  while (boxes.length < count) {
    const [worst] = boxes.toSorted((one, other) => worth(other) - worth(one));
    if (worst === undefined || worth(worst) === 0) break;
    boxes = boxes.flatMap((box) => (box === worst ? cut(box) : [box]));
  }
  const swatches = boxes.map((box) => ({ rgb: average(box), share: rounded(box.length / pixels.length) }));
  return swatches.toSorted((one, other) => other.share - one.share);
}

export function average(pixels: readonly Rgb[]): Rgb {
  const mean = (channel: 0 | 1 | 2): number =>
    Math.round(pixels.reduce((sum, pixel) => sum + pixel[channel], 0) / Math.max(1, pixels.length));
  return [mean(0), mean(1), mean(2)];
}

export function hex(rgb: Rgb): string {
  return `#${rgb.map((value) => value.toString(16).padStart(2, '0')).join('')}`;
}

/** How bright it looks, 0 to 1 (ITU-R BT.709, without the curve). */
export function brightness([red, green, blue]: Rgb): number {
  return rounded((0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255);
}

function worth(box: readonly Rgb[]): number {
  return longest(box).span * Math.sqrt(box.length);
}

function longest(box: readonly Rgb[]): { channel: 0 | 1 | 2; span: number } {
  const spans = ([0, 1, 2] as const).map((channel) => {
    let [low, high] = [255, 0];
    for (const pixel of box) {
      low = Math.min(low, pixel[channel]);
      high = Math.max(high, pixel[channel]);
    }
    return { channel, span: high - low };
  });
  return spans.reduce((most, other) => (other.span > most.span ? other : most));
}

/** Equal values stay together, so that one colour does not become two. */
function cut(box: readonly Rgb[]): Rgb[][] {
  const { channel } = longest(box);
  const sorted = box.toSorted((one, other) => one[channel] - other[channel]);
  const middle = sorted[Math.floor(sorted.length / 2)]?.[channel] ?? 0;
  const first = sorted.findIndex((pixel) => pixel[channel] >= middle);
  const at = first > 0 ? first : sorted.findIndex((pixel) => pixel[channel] > middle);
  return [sorted.slice(0, at), sorted.slice(at)];
}

function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
