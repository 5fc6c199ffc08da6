import { scanJson } from './json-scanner.js';
import type { MediaType } from './media-type.js';

const JSON_DOCUMENT: MediaType = { type: 'application/json', extension: 'json' };
const JSON_LINES: MediaType = { type: 'application/x-ndjson', extension: 'ndjson' };

/**
 * JSON (RFC 8259) that is an object or an array, or two or more lines of such.
 * A bare number or string is JSON too, but nobody would call that file so.
 */
export function detectJson({ content, whole }: { content: string; whole: boolean }): MediaType | undefined {
  const first = valueAt(content, 0);
  if (first === undefined || first.state === 'invalid') return undefined;
  if (first.state === 'cut') return whole ? undefined : JSON_DOCUMENT;
  if (isBlank(content, first.end)) return JSON_DOCUMENT;
  return areLines(content, whole) ? JSON_LINES : undefined;
}

/** Whether each line is a value of its own; the last one may be cut when more follows. */
function areLines(content: string, whole: boolean): boolean {
  const lines = content.split('\n');
  return lines.every((line, index) => {
    if (isBlank(line, 0)) return true;
    const value = valueAt(line, 0);
    const isCut = value?.state === 'cut' && !whole && index === lines.length - 1;
    return isCut || (value?.state === 'complete' && isBlank(line, value.end));
  });
}

function valueAt(content: string, start: number): ReturnType<typeof scanJson> | undefined {
  const opening = /[ \t\r\n]*(?=[[{])/y;
  opening.lastIndex = start;
  return opening.test(content) ? scanJson(content, opening.lastIndex) : undefined;
}

function isBlank(content: string, start: number): boolean {
  const blank = /[ \t\r\n]*$/y;
  blank.lastIndex = start;
  return blank.test(content);
}
