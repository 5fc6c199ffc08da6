/** The pieces of a stream of tar-stream, which says of them only that they are something. */
export async function* bytesOf(pieces: AsyncIterable<unknown>): AsyncGenerator<Buffer> {
  for await (const piece of pieces) {
    if (!Buffer.isBuffer(piece)) throw new TypeError('A stream of bytes has something else in it.');
    yield piece;
  }
}
