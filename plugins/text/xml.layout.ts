import { type Piece, piecesIn } from './xml.reader.ts';

/**
 * The same document with its elements on lines of their own. Where there is text beside elements, white space is text, too,
 * so nothing is changed there.
 *
 * @param indent spaces for each level; 0: everything in one line
 */
export function layOut(pieces: readonly Piece[], indent: number): string {
  return `${linesOf(pieces, 0, indent).join(indent > 0 ? '\n' : '')}\n`;
}

function linesOf(pieces: readonly Piece[], depth: number, indent: number): string[] {
  return pieces.filter((piece) => !isGap(piece)).flatMap((piece) => blockOf(piece, depth, indent));
}

function blockOf(piece: Piece, depth: number, indent: number): string[] {
  const space = ' '.repeat(depth * indent);
  const name = nameOf(piece);
  const inner = piecesIn(piece[name]);
  const isPlain = name.startsWith('#') || name.startsWith('?') || inner.length === 0;
  if (isPlain || inner.some((piece) => isText(piece) && !isGap(piece))) return [space + inLine(piece)];
  const open = `${space}<${name}${attributesOf(piece)}>`;
  return [open, ...linesOf(inner, depth + 1, indent), `${space}</${name}>`];
}

function inLine(piece: Piece): string {
  const name = nameOf(piece);
  const value = piece[name];
  if (name === '#text') return String(value);
  const inner = piecesIn(value);
  const text = inner.map(inLine).join('');
  if (name === '#comment') return `<!--${text}-->`;
  if (name === '#cdata') return `<![CDATA[${text}]]>`;
  if (name.startsWith('?')) return `<${name}${attributesOf(piece)}?>`;
  const start = `<${name}${attributesOf(piece)}`;
  return inner.length === 0 ? `${start}/>` : `${start}>${text}</${name}>`;
}

function nameOf(piece: Piece): string {
  return Object.keys(piece).find((key) => key !== ':@') ?? '';
}

function isText(piece: Piece): boolean {
  return '#text' in piece || '#cdata' in piece;
}

function isGap(piece: Piece): boolean {
  return '#text' in piece && String(piece['#text']).trim() === '';
}

/** Values stand as they were read, with their references. They may have been between single quotes. */
function attributesOf(piece: Piece): string {
  const attributes = Object.entries(Object(piece[':@']));
  return attributes.map(([name, value]) => ` ${name}="${String(value).replaceAll('"', '&quot;')}"`).join('');
}
