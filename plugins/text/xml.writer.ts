import { isTable, unsupported, type Value } from './structure.ts';

const NAME = /^[\p{L}_][\p{L}\p{N}._-]*(?::[\p{L}_][\p{L}\p{N}._-]*)?$/u;
/** What XML 1.0 has no way to write. */
const FORBIDDEN = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/u;
const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\r': '&#13;',
};
const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>';

/** Tables as XML, the other way round than readXml. What has no single root element gets one, called root. */
export function writeXml(value: Value, indent: number): string {
  const [name, ...others] = isTable(value) ? Object.keys(value) : [];
  const inner = isTable(value) && name !== undefined ? value[name] : undefined;
  const hasRoot = inner !== undefined && others.length === 0 && !Array.isArray(inner) && !/^[@#]/.test(name ?? '');
  const wrapped = Array.isArray(value) ? { item: value } : value;
  const lines = hasRoot ? element(name ?? '', inner, 0, indent) : element('root', wrapped, 0, indent);
  return [DECLARATION, ...lines].join(indent > 0 ? '\n' : '') + '\n';
}

function element(name: string, value: Value, depth: number, indent: number): string[] {
  if (!NAME.test(name)) throw unsupported('XML', `an element called ${JSON.stringify(name.slice(0, 50))}`);
  if (Array.isArray(value)) return value.flatMap((one) => element(name, wrappedList(one), depth, indent));
  const space = ' '.repeat(depth * indent);
  if (!isTable(value)) return [`${space}${tag(name, '', textOf(value))}`];
  const members = Object.entries(value);
  const attributes = members
    .filter(([key]) => key.startsWith('@'))
    .map(([key, member]) => attribute(key.slice(1), member));
  const inner = members.filter(([key]) => !key.startsWith('@') && key !== '#text');
  const text = '#text' in value ? textOf(value['#text'] ?? null) : '';
  if (inner.length === 0) return [`${space}${tag(name, attributes.join(''), text)}`];
  if (text !== '') throw unsupported('XML', 'text beside elements, here');
  const lines = inner.flatMap(([key, member]) => element(key, member, depth + 1, indent));
  return [`${space}<${name}${attributes.join('')}>`, ...lines, `${space}</${name}>`];
}

/** A list in a list is an element with items. */
function wrappedList(value: Value): Value {
  return Array.isArray(value) ? { item: value } : value;
}

function tag(name: string, attributes: string, text: string): string {
  return text === '' ? `<${name}${attributes}/>` : `<${name}${attributes}>${text}</${name}>`;
}

function attribute(name: string, value: Value): string {
  if (!NAME.test(name)) throw unsupported('XML', `an attribute called ${JSON.stringify(name.slice(0, 50))}`);
  return ` ${name}="${textOf(value).replaceAll('\n', '&#10;').replaceAll('\t', '&#9;')}"`;
}

function textOf(value: Value): string {
  if (value === null) return '';
  if (typeof value === 'object' && !(value instanceof Date)) throw unsupported('XML', 'lists or tables as text');
  const text = value instanceof Date ? value.toISOString() : String(value);
  if (FORBIDDEN.test(text)) throw unsupported('XML', 'control characters');
  return text.replace(/[&<>"\r]/g, (character) => ESCAPES[character] ?? character);
}
