import { join } from 'node:path';
import type { Node } from 'yaml';
import type { YamlFile } from './yaml.file.js';

/** Cases of a plugin can be many. */
const MOST_BYTES = 1024 ** 2;
/** Repeated parts that a file may name, so that a few lines do not become gigabytes. */
const MOST_ALIASES = 100;

/** Reads a file of the plugin as YAML 1.2, with the lines on which things stand. Never rejects. */
export async function readYaml(directory: string, file: string): Promise<YamlFile> {
  // Only here, because most children never read any.
  const { readYamlDocument, YamlFault } = await import('./yaml.document.js');
  try {
    const { document, lines } = await readYamlDocument(join(directory, file), MOST_BYTES);
    const content: unknown = document.toJS({ maxAliasCount: MOST_ALIASES });
    const places = document.contents ? await linesOf(document.contents, (at) => lines.linePos(at).line) : {};
    return { content: content ?? null, lines: places, fault: null, line: null };
  } catch (error) {
    if (error instanceof YamlFault) return faulty(`${error.message}.`, error.line);
    return faulty(error instanceof Error ? error.message : 'It cannot be read.', null);
  }
}

function faulty(fault: string, line: number | null): YamlFile {
  return { content: null, lines: {}, fault: fault.slice(0, 500), line };
}

/** By the path of each member, its parts joined with `/`. */
async function linesOf(root: Node, lineAt: (offset: number) => number): Promise<Record<string, number>> {
  const { isMap, isNode, isSeq } = await import('yaml');
  const lines: Record<string, number> = {};
  const enter = (value: unknown, path: string): void => {
    if (isMap(value)) {
      for (const { key, value: member } of value.items) note(key, member, `${path}${String(key)}/`);
    } else if (isSeq(value)) {
      value.items.forEach((item, index) => note(item, item, `${path}${index}/`));
    }
  };
  const note = (at: unknown, value: unknown, path: string): void => {
    if (isNode(at) && at.range) lines[path.slice(0, -1)] = lineAt(at.range[0]);
    enter(value, path);
  };
  enter(root, '');
  return lines;
}
