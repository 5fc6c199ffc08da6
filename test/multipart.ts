/** A body and the Content-Type that goes with it. */
export interface MultipartBody {
  readonly contentType: string;
  readonly body: Buffer;
}

export interface Part {
  readonly name: string;
  /** Makes the part a file. Put into the header as it is, quotation marks and control characters included. */
  readonly filename?: string;
  readonly contentType?: string;
  readonly content: Buffer | string;
}

export interface MalformedMultipart extends MultipartBody {
  /** Says what is wrong, for the title of a test. */
  readonly name: string;
}

const BOUNDARY = 'toolyard-test-boundary';
const TYPE = `multipart/form-data; boundary=${BOUNDARY}`;
const DISPOSITION = 'Content-Disposition: form-data; name="file"; filename="a.txt"';
const CONTENT = 'content of the file';
const LONG = 128 * 1_024;
const MANY = 5_000;

/** A well-formed multipart/form-data body (RFC 7578), byte by byte as the parts say. */
export function multipart(parts: readonly Part[]): MultipartBody {
  const pieces = parts.flatMap((part) => [`--${BOUNDARY}\r\n${headOf(part)}\r\n\r\n`, part.content, '\r\n']);
  return { contentType: TYPE, body: Buffer.concat([...pieces, `--${BOUNDARY}--\r\n`].map(bytesOf)) };
}

function bytesOf(piece: Buffer | string): Buffer {
  return typeof piece === 'string' ? Buffer.from(piece) : piece;
}

function headOf({ name, filename, contentType }: Part): string {
  const file = filename === undefined ? '' : `; filename="${filename}"`;
  const type = contentType === undefined ? '' : `\r\nContent-Type: ${contentType}`;
  return `Content-Disposition: form-data; name="${name}"${file}${type}`;
}

/** Nine ways to get a multipart body wrong: `it.each(MALFORMED_MULTIPART)('refuses a body with $name', …)`. */
export const MALFORMED_MULTIPART: readonly MalformedMultipart[] = [
  { ...withHead(DISPOSITION), name: 'no boundary parameter', contentType: 'multipart/form-data' },
  { ...withHead(DISPOSITION), name: 'an empty boundary parameter', contentType: 'multipart/form-data; boundary=' },
  malformed('no closing boundary', `--${BOUNDARY}\r\n${DISPOSITION}\r\n\r\n${CONTENT}`),
  malformed('a part without headers', `--${BOUNDARY}\r\n\r\n${CONTENT}\r\n--${BOUNDARY}--\r\n`),
  { ...withHead(DISPOSITION.replace(':', '')), name: 'a header without a colon' },
  { ...withHead('Content-Disposition: form-data; filename="a.txt"'), name: 'no name in its Content-Disposition' },
  { ...withHead(`X-Long: ${'x'.repeat(LONG)}\r\n${DISPOSITION}`), name: 'a header of 128 KiB' },
  { ...withHead(`${manyFields()}\r\n${DISPOSITION}`), name: 'thousands of header fields in a part' },
  malformed('bare line feeds', `--${BOUNDARY}\n${DISPOSITION}\n\n${CONTENT}\n--${BOUNDARY}--\n`),
];

function malformed(name: string, body: string): MalformedMultipart {
  return { name, contentType: TYPE, body: Buffer.from(body) };
}

function withHead(head: string): MultipartBody {
  return malformed('', `--${BOUNDARY}\r\n${head}\r\n\r\n${CONTENT}\r\n--${BOUNDARY}--\r\n`);
}

function manyFields(): string {
  return Array.from({ length: MANY }, (_, index) => `X-Field-${index}: ${index}`).join('\r\n');
}
