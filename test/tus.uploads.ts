import { setTimeout as sleep } from 'node:timers/promises';
import { Upload } from 'tus-js-client';
import type { Credentials } from './visitor.ts';

export interface InterruptedUpload {
  readonly bytes: Buffer;
  readonly name: string;
  /** Where the server is now; asked before each try. No slash at the end. */
  readonly origin: () => string;
  readonly credentials: Credentials;
  /** In ascending order: when so many bytes are sent, the client lets go, and `interrupt` is called. */
  readonly cuts: readonly number[];
  /** What happens then, such as the death of the server; the upload goes on when it resolves. */
  readonly interrupt: (cut: number) => Promise<void>;
  /** Bytes of one piece. Default: all that is left. */
  readonly pieceBytes?: number;
}

/** Uploads with the public client of tus, cut off at each of the offsets and resumed. Answers the id of the file. */
export async function uploadInterrupted(wanted: InterruptedUpload): Promise<string> {
  let path: string | undefined;
  for (const cut of [...wanted.cuts, Infinity]) {
    path = await uploadUntil(wanted, path, cut);
    if (cut !== Infinity) await wanted.interrupt(cut);
  }
  return path?.split('/').at(-1) ?? '';
}

/** Answers the path of the upload, when it is done or has come to the cut. */
async function uploadUntil(wanted: InterruptedUpload, path: string | undefined, cut: number): Promise<string> {
  const { bytes, name, credentials, pieceBytes = Infinity } = wanted;
  const origin = wanted.origin();
  const ended = Promise.withResolvers<void>();
  let isCut = false;
  const upload = new Upload(bytes, {
    endpoint: `${origin}/api/v1/uploads`,
    uploadUrl: path === undefined ? null : origin + path,
    metadata: { filename: name },
    headers: { ...credentials },
    chunkSize: pieceBytes,
    // Counted anew whenever something arrived; longer than a server takes to start.
    retryDelays: [50, 100, 200, 400, ...Array.from({ length: 100 }, () => 800)],
    onProgress: (sent) => {
      if (sent < cut || isCut) return;
      isCut = true;
      void upload.abort().then(ended.resolve, ended.reject);
    },
    onSuccess: () => ended.resolve(),
    onError: ended.reject,
  });
  upload.start();
  await ended.promise;
  // An abort may come while the upload is being made, whose answer is not there yet.
  for (let tries = 0; upload.url === null && tries < 100; tries++) await sleep(10);
  if (upload.url === null) throw new Error('The upload was cut off before it had a place.');
  return new URL(upload.url).pathname;
}
