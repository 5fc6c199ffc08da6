import { createHash, type Hash } from 'node:crypto';
import { Problem } from '../../errors/problem.js';

/** Those of `Upload-Checksum`; tus wants sha1 of everybody. */
export const CHECKSUM_ALGORITHMS = ['sha1', 'sha256', 'sha512', 'md5'];

/** The checksum that a client gives of a piece. */
export class PieceChecksum {
  private constructor(
    private readonly hash: Hash,
    private readonly wanted: string,
  ) {}

  /** @param field `sha1 <Base64>`. @throws Problem `invalid_request` */
  static parse(field: string): PieceChecksum {
    const [algorithm = '', digest, ...more] = field.split(' ');
    if (!CHECKSUM_ALGORITHMS.includes(algorithm) || digest === undefined || more.length > 0)
      throw new Problem(
        'invalid_request',
        `Upload-Checksum is an algorithm and a digest in Base64; known are ${CHECKSUM_ALGORITHMS.join(', ')}.`,
      );
    return new PieceChecksum(createHash(algorithm), digest);
  }

  async *watch(piece: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of piece) {
      this.hash.update(chunk);
      yield chunk;
    }
  }

  /** After the last byte. @throws Problem `upload_checksum_wrong` */
  compare(): void {
    if (this.hash.digest('base64') === this.wanted) return;
    throw new Problem(
      'upload_checksum_wrong',
      'The bytes that came are not those of Upload-Checksum. Send them again.',
    );
  }
}
