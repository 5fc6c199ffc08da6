import { createHash } from 'node:crypto';
import { PassThrough, Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { describe, expect, it, jest } from '@jest/globals';
import { Problem } from '../../src/errors/problem.js';
import type { MediaType } from '../../src/files/detection/media-type.js';
import { Ingest } from '../../src/files/ingest.js';
import { picture } from './detection/samples.js';

const KIB = 1024;
const PLENTY = { maxBytes: 1024 ** 3 };

describe('Ingest', () => {
  it('learns size, hash and type in one pass, and changes nothing', async () => {
    const bytes = await picture('png', 100);
    const ingest = new Ingest(PLENTY);

    const passed = await pass([bytes.subarray(0, 10), bytes.subarray(10, 5000), bytes.subarray(5000)], ingest);

    expect(passed.equals(bytes)).toBe(true);
    expect(ingest.result()).toEqual({ type: 'image/png', extension: 'png', size: bytes.length, sha256: sha256(bytes) });
    expect(ingest.result()).toEqual(ingest.result());
  });

  it.each([1, 2, 4099, 4100, 4101, 4200, 65_536, 70_000])(
    'learns the same of %i bytes, however they come',
    async (size) => {
      const bytes = Buffer.from('['.padEnd(size));
      const expected = { type: size < 4100 ? 'text/plain' : 'application/json', size, sha256: sha256(bytes) };

      for (const chunkSize of [1, 7, 4099, 4100, 4101, 64 * KIB].filter((length) => size / length < 5000)) {
        const ingest = new Ingest(PLENTY);
        const passed = await pass(chunks(bytes, chunkSize), ingest);
        expect(passed.equals(bytes)).toBe(true);
        expect(ingest.result()).toMatchObject(expected);
      }
    },
  );

  it('takes a file of the largest size, and refuses one byte more, naming the cap', async () => {
    const taken = new Ingest({ maxBytes: 5000 });
    const refused = new Ingest({ maxBytes: 5000 });

    await pass(chunks(Buffer.alloc(5000, 'a'), 999), taken);
    const refusal = await pass(chunks(Buffer.alloc(5001, 'a'), 999), refused).catch(problem);

    expect(taken.result().size).toBe(5000);
    expect(refusal).toMatchObject({ code: 'file_too_large', message: expect.stringContaining('5000 bytes') });
    expect(() => refused.result()).toThrow('before its end');
  });

  it('stops reading a source without end when it is too large', async () => {
    let given = 0;
    const endless = Readable.from(
      (function* () {
        for (;;) yield Buffer.alloc(16 * KIB, ++given);
      })(),
    );

    const refusal = await pass(endless, new Ingest({ maxBytes: 1024 * KIB })).catch(problem);

    expect(refusal).toMatchObject({ code: 'file_too_large' });
    expect(endless.destroyed).toBe(true);
    expect(given * 16).toBeLessThan(1024 + 256);
  });

  it('refuses a file without bytes', async () => {
    const ingest = new Ingest(PLENTY);

    const refusal = await pass([], ingest).catch(problem);

    expect(refusal).toMatchObject({ code: 'file_empty' });
    expect(() => ingest.result()).toThrow('before its end');
  });

  it('asks once whether the type is accepted', async () => {
    const accept = jest.fn<(type: MediaType) => void>();

    await pass(chunks(await picture('jpeg', 100), 1000), new Ingest({ ...PLENTY, accept }));

    expect(accept.mock.calls).toEqual([[{ type: 'image/jpeg', extension: 'jpg' }]]);
  });

  it.each([
    ['a long file, before more than its head passes', chunks(Buffer.alloc(500 * KIB, 'text'), 1000), 4000],
    ['a long file in one piece, before any of it passes', [Buffer.alloc(64 * KIB, 'text')], 0],
    ['a short file', [Buffer.from('text')], 4],
  ])('ends with what accept throws: %s', async (_, source, atMost) => {
    const sink = new Collector();

    const refusal = await pipeline(source, new Ingest({ ...PLENTY, accept: refuse }), sink).catch(problem);

    expect(refusal).toMatchObject({ code: 'file_type_not_accepted', message: 'text/plain is not wanted.' });
    expect(sink.length).toBeLessThanOrEqual(atMost);
  });

  it('waits for an accept that takes its time', async () => {
    const refusal = await pass([Buffer.alloc(8 * KIB, 'a')], new Ingest({ ...PLENTY, accept: refuseLater })).catch(
      problem,
    );

    expect(refusal).toMatchObject({ code: 'file_type_not_accepted' });
  });

  it('hands on the failure of its source', async () => {
    const source = new PassThrough();
    const ingest = new Ingest(PLENTY);
    const passing = pass(source, ingest).catch((error: unknown) => error);

    source.write('half of');
    source.destroy(new Error('the client went away'));

    expect(await passing).toEqual(new Error('the client went away'));
    expect(() => ingest.result()).toThrow('before its end');
  });
});

function refuse({ type }: MediaType): void {
  throw new Problem('file_type_not_accepted', `${type} is not wanted.`);
}

async function refuseLater(): Promise<void> {
  await new Promise(setImmediate);
  throw new Problem('file_type_not_accepted');
}

class Collector extends Writable {
  length = 0;
  private readonly collected: Buffer[] = [];

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.collected.push(chunk);
    this.length += chunk.length;
    done();
  }

  bytes(): Buffer {
    return Buffer.concat(this.collected);
  }
}

async function pass(source: Readable | Iterable<Buffer>, ingest: Ingest): Promise<Buffer> {
  const sink = new Collector();
  await pipeline(source, ingest, sink);
  return sink.bytes();
}

function chunks(bytes: Buffer, size: number): Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
    bytes.subarray(index * size, (index + 1) * size),
  );
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** The fault, if it is one that a client may see. */
function problem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  throw error;
}
