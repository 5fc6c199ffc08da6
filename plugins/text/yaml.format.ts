import { parseAllDocuments, stringify } from 'yaml';
import { invalid, isTable, type Value, valueFrom } from './structure.ts';

/** Uses of names for parts of a document: enough for people, and not for a document that becomes endless by them. */
const MAX_ALIASES = 100;

/** YAML 1.2, one document. Tags mean nothing but what the standard says. */
export function readYaml(text: string): Value {
  const options = { intAsBigInt: true, uniqueKeys: true, stringKeys: true, logLevel: 'error' } as const;
  const documents = [parseAllDocuments(text, options)].flat();
  const [document] = documents;
  if (documents.length > 1) throw invalid('one YAML document', `there are ${documents.length} in it`);
  if (document === undefined) return null;
  const [fault] = document.errors;
  if (fault) throw invalid('YAML', fault.message);
  try {
    return valueFrom(document.toJS({ maxAliasCount: MAX_ALIASES }));
  } catch (error) {
    if (Object(error).name !== 'ReferenceError') throw error;
    throw invalid('YAML that is harmless', 'it refers to its own parts too often');
  }
}

export function writeYaml(value: Value, indent: number): string {
  return stringify(withoutDates(value), { indent: Math.max(indent, 1), lineWidth: 0, aliasDuplicateObjects: false });
}

export function withoutDates(value: Value): Value {
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(withoutDates);
  if (!isTable(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, withoutDates(member)]));
}
