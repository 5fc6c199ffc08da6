import { Problem } from '../errors/problem.js';

/** A string of RFC 9651 §3.3.3, as the draft of the field wants it. */
const QUOTED = /^"((?:[ !#-[\]-~]|\\["\\])+)"$/;
/** The text itself, as most clients send it. */
const PLAIN = /^[ -~]{1,255}$/;

/**
 * The key in `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header), with or without quotation marks.
 *
 * @throws Problem `invalid_request` unless it has 1 to 255 printable ASCII characters
 */
export function parseKey(field: string): string {
  const key = QUOTED.exec(field)?.[1]?.replace(/\\(.)/g, '$1') ?? field;
  if (PLAIN.test(key)) return key;
  throw new Problem('invalid_request', 'Idempotency-Key must have 1 to 255 printable ASCII characters.');
}
