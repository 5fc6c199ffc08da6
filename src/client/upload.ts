import type { Connection } from './connection.js';
import type { FileList } from './generated/types.gen.js';
import type { NamedBlob } from './input.js';
import { jsonOf } from './json.js';
import { patiently } from './patience.js';
import { ToolyardError } from './toolyard.error.js';

export interface UploadOptions {
  /** Told how many bytes of how many the server has. */
  readonly onBytes?: ((sent: number, total: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Above so many bytes a file is sent in pieces, which survive what befalls a connection. Default: 8 MiB. */
  readonly piecesAbove?: number | undefined;
  /** Bytes of one piece. Default: 8 MiB. */
  readonly pieceBytes?: number | undefined;
}

const MIB = 2 ** 20;
const TUS = { 'tus-resumable': '1.0.0' };
const UPLOADS = '/api/v1/uploads';

/** Stores one file. Answers its id. */
export async function uploadFile(
  connection: Connection,
  file: NamedBlob,
  options: UploadOptions = {},
): Promise<string> {
  const { piecesAbove = 8 * MIB, onBytes } = options;
  const { size } = file.data;
  onBytes?.(0, size);
  const id = size > piecesAbove ? await inPieces(connection, file, options) : await atOnce(connection, file, options);
  onBytes?.(size, size);
  return id;
}

async function atOnce(connection: Connection, { name, data }: NamedBlob, { signal }: UploadOptions): Promise<string> {
  const body = new FormData();
  body.append('file', data, name === '' ? 'blob' : name);
  // The same key each time, so that nothing is stored twice when only the answer got lost.
  const headers = { 'idempotency-key': crypto.randomUUID() };
  const init = { method: 'POST', body, headers, signal: signal ?? null };
  const response = await patiently(() => connection.send('/api/v1/files', init), signal);
  const { data: files } = await jsonOf<FileList>(response);
  return files[0]?.file_id ?? '';
}

/** tus 1.0. A piece that got lost on its way is sent again from where the server says. */
async function inPieces(connection: Connection, file: NamedBlob, options: UploadOptions): Promise<string> {
  const { signal, onBytes, pieceBytes = 8 * MIB } = options;
  const { size } = file.data;
  const path = await patiently(() => begin(connection, file, signal), signal);
  let offset: number | undefined = 0;
  await patiently(async (progressed) => {
    offset ??= await askOffset(connection, path, signal);
    while (offset < size) {
      const piece = file.data.slice(offset, Math.min(offset + pieceBytes, size));
      const from = offset;
      // Unknown until the server has answered.
      offset = undefined;
      offset = await sendPiece(connection, path, from, piece, signal);
      progressed();
      onBytes?.(offset, size);
    }
  }, signal);
  return path.split('/').at(-1) ?? '';
}

async function begin(connection: Connection, { name, data }: NamedBlob, signal?: AbortSignal): Promise<string> {
  const metadata = name === '' ? {} : { 'upload-metadata': `filename ${base64(name)}` };
  const headers = { ...TUS, ...metadata, 'upload-length': String(data.size) };
  const response = await connection.send(UPLOADS, { method: 'POST', headers, signal: signal ?? null });
  const id = response.headers.get('location')?.split('/').at(-1);
  if (!id) throw new ToolyardError('The server did not say where the upload is.', { code: 'unreadable_answer' });
  return `${UPLOADS}/${id}`;
}

async function askOffset(connection: Connection, path: string, signal?: AbortSignal): Promise<number> {
  const init = { method: 'HEAD', headers: TUS, signal: signal ?? null };
  return offsetIn(await connection.send(path, init));
}

async function sendPiece(
  connection: Connection,
  path: string,
  offset: number,
  piece: Blob,
  signal?: AbortSignal,
): Promise<number> {
  const headers = { ...TUS, 'upload-offset': String(offset), 'content-type': 'application/offset+octet-stream' };
  // A Blob brings its type along, which would count more than the header.
  const body = piece.slice(0, piece.size, headers['content-type']);
  return offsetIn(await connection.send(path, { method: 'PATCH', headers, body, signal: signal ?? null }));
}

function offsetIn({ headers }: Response): number {
  return Number(headers.get('upload-offset'));
}

function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}
