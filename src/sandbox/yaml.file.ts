import { z } from 'zod';
import type { ChildHandle } from './child.process.js';

/** Milliseconds to read one file. */
const READ_MS = 10_000;

const line = z.int().positive();

/** A file in YAML, as JSON. */
export const yamlFileSchema = z.object({
  content: z.unknown(),
  /** On which line each member stands, by its path: `cases/0/name`. */
  lines: z.record(z.string(), line),
  /** Why there is no content, in a sentence; null when there is. */
  fault: z.string().nullable(),
  /** Where the fault is, as far as that is known. */
  line: line.nullable(),
});

export type YamlFile = z.output<typeof yamlFileSchema>;

/** Asks a child to read files of its plugin, one after the other. Never rejects: a file that cannot be read has a fault. */
export async function askForYaml(child: ChildHandle, files: readonly string[]): Promise<YamlFile[]> {
  const read = [];
  for (const file of files) read.push(await ask(child, file));
  return read;
}

async function ask(child: ChildHandle, file: string): Promise<YamlFile> {
  if (!child.alive) return faulty('The process that should read it has ended.');
  const { promise, resolve } = Promise.withResolvers<YamlFile>();
  const timer = setTimeout(() => resolve(faulty('It was not read within 10 seconds.')), READ_MS);
  child.attach({
    heard: (message) => resolve(message.type === 'yaml' ? checked(message.file) : faulty(NO_FILE)),
    printed: () => {},
    misbehaved: (reason) => resolve(faulty(reason)),
    flooded: (reason) => resolve(faulty(reason)),
    gone: () => resolve(faulty('The process that read it ended: perhaps it is too large.')),
  });
  child.send({ type: 'yaml', file });
  const answer = await promise;
  clearTimeout(timer);
  child.detach();
  return answer;
}

const NO_FILE = 'It was answered with something that is no file.';

function checked(value: unknown): YamlFile {
  const parsed = yamlFileSchema.safeParse(value);
  return parsed.success ? parsed.data : faulty(NO_FILE);
}

function faulty(fault: string): YamlFile {
  return { content: null, lines: {}, fault, line: null };
}
