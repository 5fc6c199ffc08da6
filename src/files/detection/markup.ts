import type { MediaType } from './media-type.js';

const HTML: MediaType = { type: 'text/html', extension: 'html' };
const SVG: MediaType = { type: 'image/svg+xml', extension: 'svg' };
const XML: MediaType = { type: 'application/xml', extension: 'xml' };

/** What a document that is HTML without saying so begins with (WHATWG MIME Sniffing §7.1). */
const HTML_ELEMENTS = new Set('html head script iframe h1 div font table a style title b body br p'.split(' '));

const NAME = String.raw`[\p{L}_][\p{L}\p{M}\p{N}_.-]*`;
const WHITESPACE = /\s*/y;
const DOCTYPE = /<!doctype\s+([^\s>[]+)/iy;
const ROOT = new RegExp(`<((?:${NAME}:)?(${NAME}))(?=[\\s/>])`, 'uy');
const ATTRIBUTE = new RegExp(String.raw`\s+((?:${NAME}:)?${NAME})\s*=\s*(?:"[^"<]*"|'[^'<]*')`, 'uy');
const TAG_END = /\s*\/?>/y;

/** What stands before the root element. */
interface Prolog {
  /** Whether it begins with `<?xml …?>`. */
  readonly isDeclared: boolean;
  /** The name after `<!DOCTYPE`, in lower case. */
  readonly doctype: string | undefined;
  /** Where the root element should begin. */
  readonly end: number;
}

/**
 * HTML, SVG or any other XML. Without an XML declaration or a document type, a first tag alone proves nothing: text may begin
 * with `<`. Then it is XML when the root names its namespace, or when the root is closed by the very end.
 */
export function detectMarkup({ content, whole }: { content: string; whole: boolean }): MediaType | undefined {
  if (content[endOf(WHITESPACE, content, 0)] !== '<') return undefined;
  const { isDeclared, doctype, end } = readProlog(content);
  ROOT.lastIndex = end;
  const [, root = '', localName = ''] = ROOT.exec(content) ?? [];
  const element = localName.toLowerCase();

  if (doctype === 'html' || element === 'html') return HTML;
  if (element === 'svg') return SVG;
  if (isDeclared || doctype !== undefined) return XML;
  if (HTML_ELEMENTS.has(element)) return HTML;
  return root !== '' && isElement(content, end, root, whole) ? XML : undefined;
}

function readProlog(content: string): Prolog {
  let end = endOf(WHITESPACE, content, 0);
  const isDeclared = /<\?xml\s/y.test(content.slice(end, end + 6));
  let doctype: string | undefined;
  for (let next = end; next !== -1; next = endOfMisc(content, end)) {
    end = endOf(WHITESPACE, content, next);
    DOCTYPE.lastIndex = end;
    doctype ??= DOCTYPE.exec(content)?.[1]?.toLowerCase();
  }
  return { isDeclared, doctype, end };
}

/** Index after the comment, instruction or document type at `start`; -1 when there is none. One that is cut takes all that is left. */
function endOfMisc(content: string, start: number): number {
  if (content.startsWith('<?', start)) return indexAfter('?>', content, start + 2);
  if (content.startsWith('<!--', start)) return indexAfter('-->', content, start + 4);
  if (content.startsWith('<!', start)) return endOfDoctype(content, start + 2);
  return -1;
}

/** A document type ends at the first `>` that is neither quoted nor inside its own list, `[…]`. */
function endOfDoctype(content: string, start: number): number {
  let depth = 0;
  for (let index = start; index < content.length; index++) {
    const character = content[index];
    if (character === '"' || character === "'") index = indexAfter(character, content, index + 1) - 1;
    else if (character === '[') depth++;
    else if (character === ']') depth--;
    else if (character === '>' && depth <= 0) return index + 1;
  }
  return content.length;
}

/** Whether a start tag that can be read stands at `start`, and something more speaks for XML. */
function isElement(content: string, start: number, name: string, whole: boolean): boolean {
  let index = start + 1 + name.length;
  let hasNamespace = false;
  ATTRIBUTE.lastIndex = index;
  for (let match = ATTRIBUTE.exec(content); match; match = ATTRIBUTE.exec(content)) {
    const [, attribute = ''] = match;
    hasNamespace ||= attribute === 'xmlns' || attribute.startsWith('xmlns:');
    index = ATTRIBUTE.lastIndex;
  }
  const tagEnd = endOf(TAG_END, content, index);
  if (tagEnd === index) return false;
  if (hasNamespace) return true;
  const rest = content.slice(tagEnd).trimEnd();
  return whole && (rest === '' ? content[tagEnd - 2] === '/' : rest.endsWith(`</${name}>`));
}

function indexAfter(text: string, content: string, start: number): number {
  const index = content.indexOf(text, start);
  return index === -1 ? content.length : index + text.length;
}

function endOf(pattern: RegExp, content: string, start: number): number {
  pattern.lastIndex = start;
  return pattern.test(content) ? pattern.lastIndex : start;
}
