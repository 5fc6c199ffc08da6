import { once } from 'node:events';
import { request } from 'node:http';
import type { Platform } from '../test/platform.ts';
import { multipart } from '../test/multipart.ts';
import { exchange, type Outcome, requestHead } from '../test/raw-http.ts';
import { randomNumbers } from '../test/random.ts';
import { Client, collect, unexpected } from './client.ts';

/** Bytes of an upload: 2 GB. */
export const UPLOAD_BYTES = 2_000_000_000;

const CHUNK = Buffer.from(Array.from({ length: 1_000_000 }, randomByte(20_260_101)));
const CHUNKS = UPLOAD_BYTES / CHUNK.length;

/** The bytes of an upload, a megabyte at a time. They mean nothing to anybody. */
export function* chunks(): Generator<Buffer> {
  for (let sent = 0; sent < CHUNKS; sent++) yield CHUNK;
}

/** Uploads one file as the body of a request. Answers its id. */
export async function upload({ url, credentials }: Platform): Promise<string> {
  const headers = { ...credentials, 'content-type': 'application/octet-stream', 'content-length': UPLOAD_BYTES };
  const sent = request(`${url}/api/v1/files`, { method: 'POST', headers });
  const answered = once(sent, 'response').then(([response]) => collect(response));
  for (const chunk of chunks()) if (!sent.write(chunk)) await Promise.race([once(sent, 'drain'), answered]);
  sent.end();
  const answer = await answered;
  const id = /"file_id":"([^"]+)"/.exec(answer.body.toString())?.[1];
  if (answer.status !== 201 || id === undefined) throw unexpected(answer);
  return id;
}

export async function remove(platform: Platform, id: string): Promise<void> {
  using client = new Client(platform, 1);
  const answer = await client.delete(`/api/v1/files/${id}`);
  if (answer.status !== 204) throw unexpected(answer);
}

/** Begins to upload the same bytes as an image. */
export function uploadAsImage({ url, credentials }: Platform): Promise<Outcome> {
  const mark = 'the file';
  const { contentType, body } = multipart([
    { name: 'options', content: '{"format":"webp"}' },
    { name: 'file', filename: 'photograph.jpg', contentType: 'image/jpeg', content: mark },
  ]);
  const [head = '', tail = ''] = body.toString('latin1').split(mark);
  const headers = {
    ...credentials,
    'Content-Type': contentType,
    'Content-Length': head.length + UPLOAD_BYTES + tail.length,
  };
  const form = function* (): Generator<Buffer | string> {
    yield requestHead('POST', '/api/v1/tools/image-convert/process', headers) + head;
    yield* chunks();
    yield tail;
  };
  return exchange(url, { chunks: form() });
}

function randomByte(seed: number): () => number {
  const random = randomNumbers(seed);
  return () => random(256);
}
