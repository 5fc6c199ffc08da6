import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { ToolError } from 'toolyard/sdk';
import { MAX_DEPTH } from './limits.ts';
import { invalid, type Value } from './structure.ts';

/** A piece of a document, in the order of the document: one member is its name with what is in it, `:@` are its attributes. */
export type Piece = Readonly<Record<string, unknown>>;

/** Nothing is interpreted: no numbers, no entities, no white space. */
const AS_IT_IS = {
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  processEntities: false,
  commentPropName: '#comment',
  cdataPropName: '#cdata',
} as const;

const parser = new XMLParser({
  ...AS_IT_IS,
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  maxNestedTags: MAX_DEPTH,
});

const REFERENCE = /&([^;\s&<]{0,12});?/g;
const NAMED: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/** The pieces of a document. @throws ToolError `xml_doctype` before anything in a document type could be read */
export function readPieces(text: string): Piece[] {
  if (/<!(?:DOCTYPE|ENTITY)/i.test(text)) {
    throw new ToolError('xml_doctype', 'The document has a document type, or entities of its own. They are not read.');
  }
  const validity = XMLValidator.validate(text);
  if (validity !== true) throw invalid('XML', `${validity.err.msg} (line ${validity.err.line})`);
  try {
    return piecesIn(parser.parse(text));
  } catch (error) {
    if (/nested tags/i.test(Object(error).message)) throw invalid('XML that can be read', 'it is nested too deep');
    throw invalid('XML', Object(error).message.replace('[SECURITY] ', ''));
  }
}

/** XML as tables: `@name` are attributes, `#text` is the text beside them, elements that come again are lists. */
export function readXml(text: string): Value {
  const elements = readPieces(text).filter((piece) => nameOf(piece) !== undefined);
  const [root] = elements;
  if (root === undefined || elements.length > 1) throw invalid('XML', 'it must have one root element');
  return { [nameOf(root) ?? '']: elementOf(root) };
}

/** The library says of what it made only that it is something. */
export function piecesIn(made: unknown): Piece[] {
  return Array.isArray(made) ? made.map((piece) => Object(piece)) : [];
}

function nameOf(piece: Piece): string | undefined {
  return Object.keys(piece).find((key) => key !== ':@' && !key.startsWith('#') && !key.startsWith('?'));
}

function elementOf(piece: Piece): Value {
  const name = nameOf(piece) ?? '';
  const inner = piecesIn(piece[name]);
  const table: Record<string, Value> = {};
  for (const [key, value] of Object.entries(Object(piece[':@']))) table[`@${key}`] = resolved(String(value));
  const text = inner.map(textOf).join('');
  const elements = inner.filter((piece) => nameOf(piece) !== undefined);
  if (elements.length > 0 && text.trim() !== '') {
    throw new ToolError('xml_mixed', `The element ${name} has text between its elements, which only XML can hold.`);
  }
  for (const element of elements) put(table, nameOf(element) ?? '', elementOf(element));
  if (Object.keys(table).length === 0) return text;
  if (elements.length === 0 && text !== '') table['#text'] = text;
  return table;
}

function put(table: Record<string, Value>, name: string, value: Value): void {
  const known = table[name];
  if (known === undefined) table[name] = value;
  else if (Array.isArray(known)) known.push(value);
  else table[name] = [known, value];
}

function textOf(piece: Piece): string {
  if ('#text' in piece) return resolved(String(piece['#text']));
  const [inner] = piecesIn(piece['#cdata']);
  return inner ? String(inner['#text']) : '';
}

function resolved(text: string): string {
  return text.replace(REFERENCE, (reference, name: string) => {
    const point = /^#x[0-9a-f]{1,6}$/i.test(name)
      ? Number.parseInt(name.slice(2), 16)
      : Number(/^#(\d{1,7})$/.exec(name)?.[1]);
    const isCharacter = point > 0 && point <= 0x10_ff_ff && !(point >= 0xd800 && point <= 0xdfff);
    const character = isCharacter ? String.fromCodePoint(point) : NAMED[name];
    if (character === undefined || !reference.endsWith(';'))
      throw invalid('XML', `it refers to ${reference}, which is nothing`);
    return character;
  });
}
