import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { detect, HEAD_BYTES } from '../../../src/files/detection/detect.js';
import { randomNumbers } from '../../random.js';
import { onBusyMachine } from '../../time.limits.js';
import { DOCX, gzip, ODT, pdf, picture, zip } from './samples.js';

const KNOWN = /^[a-z]+\/[\w.+-]+$/;
const MUTATIONS = 1000;
const EXTREMES = [0x00, 0x7f, 0x80, 0xff];

const SAMPLES: Readonly<Record<string, () => Promise<Buffer> | Buffer>> = {
  'a PNG': () => picture('png'),
  'a JPEG': () => picture('jpeg'),
  'a WebP': () => picture('webp'),
  'an AVIF': () => picture('avif'),
  'a TIFF': () => picture('tiff'),
  'a PDF': pdf,
  'a gzip': gzip,
  'a zip': () => zip({ 'a.txt': 'hello', 'b/c.txt': 'world'.repeat(50) }),
  'a DOCX': () => zip(DOCX),
  'an ODT': () => zip(ODT),
  'an ASF': () => behind('3026b2758e66cf11a6d900aa0062ce6c', 400),
  'a Matroska': () => behind('1a45dfa3a34286810142f7810142f2810442f381084282886d6174726f736b61', 400),
  'an MP3 with tags': () => behind('49443304000000000776', 400),
  'an SVG': () =>
    Buffer.from('<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a "b">]><svg xmlns="http://www.w3.org/2000/svg"/>'),
  'a JSON': () => Buffer.from('{"a": [1, 2.5e-3, "\\u00e9 é 世"], "b": {"c": null}}\n{"a": true}'),
  'a CSV': () => Buffer.from('a;b;c\n"1;1";"2 ""2""";3\n'),
};

/** A detector that rejects where nobody waits would end the process (as Node does without this listener). */
const strays: unknown[] = [];
const remember = (reason: unknown) => strays.push(reason);

beforeAll(() => void process.on('unhandledRejection', remember));
afterAll(() => void process.off('unhandledRejection', remember));

describe.each(Object.entries(SAMPLES))('detect: %s', (_, make) => {
  it('may be cut anywhere', async () => {
    const sample = (await make()).subarray(0, HEAD_BYTES);

    for (let length = 0; length <= sample.length; length++) {
      const head = sample.subarray(0, length);
      expect(await detect(head, true)).toEqual(known());
      expect(await detect(head, false)).toEqual(known());
    }
    expect(strays).toEqual([]);
  });

  it(`may be damaged in ${MUTATIONS} ways, and is still judged within a second`, async () => {
    const sample = (await make()).subarray(0, HEAD_BYTES);
    const random = randomNumbers(20_261_120);

    for (let round = 0; round < MUTATIONS; round++) {
      const started = performance.now();
      expect(await detect(damage(sample, random), round % 2 === 0)).toEqual(known());
      expect(performance.now() - started).toBeLessThan(onBusyMachine(1_000));
    }
    expect(strays).toEqual([]);
  });
});

function known() {
  return { type: expect.stringMatching(KNOWN), extension: expect.stringMatching(/^[\w.]+$/) };
}

/** One to eight bytes are others, most of them near the beginning, where the lengths stand. */
function damage(sample: Buffer, random: (limit: number) => number): Buffer {
  const damaged = Buffer.from(sample);
  for (let changes = 1 + random(8); changes > 0; changes--) {
    const index = random(random(3) === 0 ? damaged.length : Math.min(64, damaged.length));
    damaged[index] = random(2) === 0 ? random(256) : (EXTREMES[random(EXTREMES.length)] ?? 0);
  }
  return damaged;
}

function behind(signature: string, length: number): Buffer {
  const random = randomNumbers(3);
  const rest = Uint8Array.from({ length }, () => random(256));
  return Buffer.concat([Buffer.from(signature, 'hex'), rest]);
}
