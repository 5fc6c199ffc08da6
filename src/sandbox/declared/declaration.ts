import { type Document, isNode, type LineCounter } from 'yaml';
import type { z } from 'zod';
import { ToolFault } from '../tool.fault.js';
import { readYamlDocument, YamlFault } from '../yaml.document.js';
import { type Declaration, declarationSchema } from './declaration.schema.js';

const MOST_BYTES = 64 * 1024;
const MOST_ALIASES = 20;
const MOST_FAULTS = 5;

/** A declaration, and how to say where in its file something is wrong. */
export interface ReadDeclaration {
  readonly declaration: Declaration;
  /** @param path of the part that is meant @param message what is wrong with it, without a full stop */
  readonly fault: (path: readonly PropertyKey[], message: string) => ToolFault;
}

/** Reads `<name>.tool.yaml`: YAML 1.2 with its core types only. @throws ToolFault which names the line and the field */
export async function readDeclaration(path: string): Promise<ReadDeclaration> {
  const { document, lines } = await readYamlDocument(path, MOST_BYTES).catch((error: unknown) => {
    throw asToolFault(error);
  });
  const where = (at: readonly PropertyKey[]) => place(document, lines, at);
  const parsed = declarationSchema.safeParse(plain(document));
  if (!parsed.success) throw new ToolFault(inWords(parsed.error.issues, where));
  return {
    declaration: parsed.data,
    fault: (at, message) => new ToolFault(`${where(at)}: ${message}.`),
  };
}

/** The same as the faults of a declaration: a sentence that begins with the line. */
function asToolFault(error: unknown): unknown {
  if (!(error instanceof YamlFault)) return error;
  return new ToolFault(error.line === null ? `${error.message}.` : `Line ${error.line}: ${error.message}.`);
}

function plain(document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: MOST_ALIASES });
  } catch {
    throw new ToolFault(`It has more than ${MOST_ALIASES} aliases, or one that leads nowhere.`);
  }
}

function inWords(issues: readonly z.core.$ZodIssue[], where: (path: readonly PropertyKey[]) => string): string {
  const faults = issues.slice(0, MOST_FAULTS).map((issue) => {
    const [unknown] = issue.code === 'unrecognized_keys' ? issue.keys : [];
    return unknown === undefined
      ? `${where(issue.path)}: ${innermost(issue)}`
      : `${where([...issue.path, unknown])}: is not a field that is known here`;
  });
  return `${faults.join('; ')}.`;
}

/** Of several forms that something may have, the one that it nearly has says more than that it has none. */
function innermost(issue: z.core.$ZodIssue): string {
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return issue.message;
  const nearest = issue.errors.toSorted((a, b) => a.length - b.length)[0]?.[0];
  return nearest ? [nearest.path.join('.'), nearest.message].filter(Boolean).join(': ') : issue.message;
}

/** `Line 7, options.quality`: where the part stands, or the part around it when it is missing. */
function place(document: Document, lines: LineCounter, path: readonly PropertyKey[]): string {
  const name = path.map(String).join('.');
  for (let depth = path.length; depth >= 0; depth--) {
    const node = depth === 0 ? document.contents : document.getIn(path.slice(0, depth), true);
    if (!isNode(node) || !node.range) continue;
    const { line } = lines.linePos(node.range[0]);
    return name === '' ? `Line ${line}` : `Line ${line}, ${name}`;
  }
  return name === '' ? 'The file' : name;
}
