/** A response as it came over the wire. */
export interface RawResponse {
  readonly status: number;
  readonly reason: string;
  /** Names in lower case; the values of repeated fields in the order in which they came. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  /** Without the framing of chunks. */
  readonly body: Buffer;
}

const LINE_END = '\r\n';
const HEAD_END = '\r\n\r\n';

/**
 * Reads the first final response (RFC 9112; 1xx are skipped) from what has arrived. Undefined: it is not whole yet.
 * `ended` says that nothing more will come, which completes a body that has no length. Not for answers to HEAD.
 */
export function parseResponse(bytes: Buffer, ended: boolean): RawResponse | undefined {
  const end = bytes.indexOf(HEAD_END);
  if (end < 0) return undefined;

  const rest = bytes.subarray(end + HEAD_END.length);
  const { status, reason, headers } = parseHead(bytes.subarray(0, end).toString('latin1'));
  if (status < 200) return parseResponse(rest, ended);

  const body = parseBody(rest, status, headers, ended);
  return body && { status, reason, headers, body };
}

function parseHead(head: string): Omit<RawResponse, 'body'> {
  const [statusLine = '', ...lines] = head.split(LINE_END);
  const match = /^HTTP\/1\.[01] (\d{3}) ?(.*)$/.exec(statusLine);
  if (!match) throw new Error(`This is not the status line of a response: ${statusLine}`);

  const headers = new Map<string, string[]>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    headers.set(name, [...(headers.get(name) ?? []), line.slice(colon + 1).trim()]);
  }
  return { status: Number(match[1]), reason: match[2] ?? '', headers };
}

function parseBody(
  rest: Buffer,
  status: number,
  headers: ReadonlyMap<string, readonly string[]>,
  ended: boolean,
): Buffer | undefined {
  if (status === 204 || status === 304) return Buffer.alloc(0);
  if (headers.get('transfer-encoding')?.[0]?.toLowerCase() === 'chunked') return joinChunks(rest);

  const length = headers.get('content-length')?.[0];
  if (length === undefined) return ended ? rest : undefined;
  return rest.length >= Number(length) ? rest.subarray(0, Number(length)) : undefined;
}

function joinChunks(rest: Buffer): Buffer | undefined {
  const chunks: Buffer[] = [];
  for (let at = 0; ;) {
    const lineEnd = rest.indexOf(LINE_END, at);
    if (lineEnd < 0) return undefined;

    const size = Number.parseInt(rest.subarray(at, lineEnd).toString('latin1'), 16);
    if (Number.isNaN(size)) throw new Error('The body is not in chunks, although the response says so.');
    const start = lineEnd + LINE_END.length;
    at = start + size + LINE_END.length;
    if (rest.length < at) return undefined;
    if (size === 0) return Buffer.concat(chunks);
    chunks.push(rest.subarray(start, start + size));
  }
}
