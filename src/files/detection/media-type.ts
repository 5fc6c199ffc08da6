/** What a file is, as its bytes say. */
export interface MediaType {
  /** Such as `image/png`: lower case, without parameters. */
  readonly type: string;
  /** The usual end of a file name for it, without the dot. */
  readonly extension: string;
}

/** What is said of bytes that nobody knows. */
export const UNKNOWN: MediaType = { type: 'application/octet-stream', extension: 'bin' };

/**
 * Whether a type fits a pattern: a type, `<family>/*`, or the pattern for everything, `*` on both sides (RFC 9110 §12.5.1,
 * without its parameters). A family is only what stands before the slash: `text/*` does not mean `application/json`.
 *
 * @example matches('image/*', 'image/png')
 */
export function matches(pattern: string, type: string): boolean {
  const [wantedFamily, wantedKind] = halves(pattern);
  const [family, kind] = halves(type);
  if (!wantedFamily || !wantedKind || !family || !kind) return false;
  if (wantedFamily === '*') return wantedKind === '*';
  return wantedFamily === family && (wantedKind === '*' || wantedKind === kind);
}

function halves(type: string): [string | undefined, string | undefined] {
  const [essence = ''] = type.split(';', 1);
  const [family, kind, ...more] = essence.trim().toLowerCase().split('/');
  return more.length > 0 ? [undefined, undefined] : [family, kind];
}
