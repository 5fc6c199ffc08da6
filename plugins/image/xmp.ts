import { XMLParser } from 'fast-xml-parser';

type Properties = Readonly<Record<string, string | string[]>>;

const MAX_BYTES = 1_000_000;
const MAX_PROPERTIES = 300;
const MAX_ITEMS = 100;
const MAX_TEXT = 1_000;

/** Lists of RDF, and the one of several languages of which the first is taken. */
const LISTS = ['rdf:Bag', 'rdf:Seq'];
const CHOICE = 'rdf:Alt';

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '',
  textNodeName: '',
  parseTagValue: false,
  parseAttributeValue: false,
});

/**
 * The simple properties and lists of XMP (ISO 16684-1), by their names with prefix; what is nested deeper is left out.
 * Undefined for what is not XML, declares entities, or is larger than 1 MB.
 */
export function readXmp(text: string): Properties | undefined {
  if (text.length > MAX_BYTES || /<!(DOCTYPE|ENTITY)/i.test(text)) return undefined;
  try {
    const root: unknown = parser.parse(text);
    const rdf = child(child(root, 'x:xmpmeta') ?? root, 'rdf:RDF');
    const nodes = [child(rdf, 'rdf:Description')].flat().flatMap((node) => Object.entries(node ?? {}));
    return Object.fromEntries(nodes.flatMap(property).slice(0, MAX_PROPERTIES));
  } catch {
    return undefined;
  }
}

function property([name, value]: readonly [string, unknown]): [string, string | string[]][] {
  if (name.startsWith('xmlns') || name.startsWith('rdf:') || !name.includes(':')) return [];
  const known = valueOf(value);
  return known === undefined ? [] : [[name, known]];
}

function valueOf(value: unknown): string | string[] | undefined {
  const simple = textOf(value);
  if (simple !== undefined) return simple;
  const [choice] = [child(child(value, CHOICE), 'rdf:li')].flat();
  if (choice !== undefined) return textOf(choice);
  const list = LISTS.map((name) => child(child(value, name), 'rdf:li')).find((items) => items !== undefined);
  return [list ?? []]
    .flat()
    .flatMap((item) => textOf(item) ?? [])
    .slice(0, MAX_ITEMS);
}

/** Text, with or without attributes. */
function textOf(value: unknown): string | undefined {
  const text = typeof value === 'string' ? value : child(value, '');
  return typeof text === 'string' ? text.slice(0, MAX_TEXT) : undefined;
}

function child(node: unknown, name: string): unknown {
  return typeof node === 'object' && node !== null
    ? Object.entries(node).find(([key]) => key === name)?.[1]
    : undefined;
}
