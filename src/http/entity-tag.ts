import { hash } from 'node:crypto';

const ENTITY_TAG = /(?:W\/)?("[\u0021\u0023-\u007e\u0080-\u00ff]*")/g;

/** The entity tag of bytes: strong, because their hash stands for each of them, and so fit for ranges (RFC 9110 §8.8.3). */
export function contentTag(sha256: string): string {
  return `"${sha256}"`;
}

/** The entity tag of a JSON document: weak, because what matters is what it says and not its bytes. */
export function documentTag(document: string): string {
  return `W/"${hash('sha256', document, 'base64url').slice(0, 27)}"`;
}

/** Whether `If-None-Match` says that the client has this already: RFC 9110 §13.1.2, weak comparison. */
export function notModified(ifNoneMatch: string | undefined, tag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  if (ifNoneMatch.trim() === '*') return true;
  return [...ifNoneMatch.matchAll(ENTITY_TAG)].some(([, opaque]) => opaque === opaqueTag(tag));
}

/**
 * Whether `If-Range` lets `Range` count: RFC 9110 §13.1.5, strong comparison.
 * A date never does, because no `Last-Modified` is ever sent.
 */
export function rangeApplies(ifRange: string | undefined, tag: string): boolean {
  return ifRange === undefined || (ifRange.trim() === tag && !tag.startsWith('W/'));
}

function opaqueTag(tag: string): string {
  return tag.startsWith('W/') ? tag.slice(2) : tag;
}
