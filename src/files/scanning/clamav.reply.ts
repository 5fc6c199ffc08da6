import type { ScanVerdict } from './scanner.js';

const FOUND = /^stream: (.+) FOUND$/;
/** Names that clamd gives to what it could not look into, see AlertEncrypted and AlertExceedsMax in clamd.conf(5). */
const ENCRYPTED = /^Heuristics\.Encrypted\./;
const LIMITS = /^Heuristics\.Limits\.Exceeded/;
const STREAM_LIMIT = /^INSTREAM size limit exceeded/;

/** The verdict in clamd's answer to INSTREAM. Whatever is not plainly clean is not clean. */
export function clamavVerdict(reply: string): ScanVerdict {
  if (reply === 'stream: OK') return { type: 'clean' };
  const [, signature] = FOUND.exec(reply) ?? [];
  if (signature !== undefined) {
    if (ENCRYPTED.test(signature)) return { type: 'encrypted' };
    return LIMITS.test(signature) ? { type: 'too_large' } : { type: 'infected', signature };
  }
  return STREAM_LIMIT.test(reply) ? { type: 'too_large' } : { type: 'error', reason: reply.slice(0, 200) };
}
