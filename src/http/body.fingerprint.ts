import { createHash } from 'node:crypto';
import { pipeline, type Readable, Transform } from 'node:stream';
import type { FastifyRequest } from 'fastify';

/**
 * What the body of a request says, as a hash that is made while the route reads the body. Two bodies that say the same
 * have the same one: of a form the boundary does not count, nor do spaces in JSON.
 */
export class BodyFingerprint {
  private readonly hash = createHash('sha256');
  private size = 0;

  /** @param tooLong what ends the body when more bytes come than `mostBytes` */
  constructor(
    private readonly mostBytes = Infinity,
    private readonly tooLong: () => Error = () => new Error('The body is too long.'),
  ) {}

  /** Bytes that have passed. */
  get bytes(): number {
    return this.size;
  }

  /** Takes in a value: JSON, or a field of a form. */
  add(...values: readonly unknown[]): void {
    const text = JSON.stringify(values);
    this.hash.update(`${Buffer.byteLength(text)}:${text}`);
  }

  /** The same bytes, taken in as they pass. What ends one of the two streams ends the other. */
  watch(source: Readable, ...about: readonly unknown[]): Readable {
    const bytes = createHash('sha256');
    const tap = new Transform({
      transform: (chunk: Buffer, _encoding, done) => {
        this.size += chunk.length;
        bytes.update(chunk);
        if (this.size > this.mostBytes) done(this.tooLong());
        else done(null, chunk);
      },
      flush: (done) => {
        this.add(...about, bytes.digest('hex'));
        done();
      },
    });
    pipeline(source, tap, () => {});
    return tap;
  }

  /** In hexadecimal; after the end of the body, and only once. */
  digest(): string {
    return this.hash.digest('hex');
  }
}

const fingerprints = new WeakMap<FastifyRequest, BodyFingerprint>();

/** From now on what is read of the body is taken into the fingerprint. */
export function takeFingerprint(request: FastifyRequest, fingerprint: BodyFingerprint): void {
  fingerprints.set(request, fingerprint);
}

/** Undefined: nobody wants one. */
export function fingerprintOf(request: FastifyRequest): BodyFingerprint | undefined {
  return fingerprints.get(request);
}
