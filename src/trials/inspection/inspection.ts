import { z } from 'zod';
import { builtDirectory } from '../../sandbox/host.paths.js';
import type { Sandbox } from '../../sandbox/sandbox.js';
import { DEFAULT_LIMITS } from '../../sdk/index.js';
import { given } from '../fixture.js';
import { type MadeFile, tryOut } from '../trial.js';

export type Question = 'csv' | 'image' | 'pixels' | 'pages';

const faulty = z.object({ fault: z.string() });
const amount = z.number().nonnegative();

const answersSchema = z.object({
  csv: z.union([faulty, z.object({ rows: amount, columns: z.array(z.string()) })]).optional(),
  image: z.union([faulty, z.object({ width: amount, height: amount, frames: amount })]).optional(),
  pixels: z.union([faulty, z.object({ difference: amount })]).optional(),
  pages: z.union([faulty, z.object({ count: amount })]).optional(),
});

/** What was found in a file; where it could not be read as what it should be, a fault in words. */
export type Answers = z.output<typeof answersSchema>;

const FILE = 'inspect.tool.js';
const LIMITS = { ...DEFAULT_LIMITS, totalMs: 60_000, memoryMb: 1_024, maxInputs: 2 };

/** It reads with native code, and nothing else. */
const PERMISSIONS = { net: [], exec: [], env: [], addons: true };

/**
 * Looks into a file that a tool has made, in a child. @param like absolute path of a picture to compare it with
 */
export async function inspect(
  sandbox: Sandbox,
  questions: readonly Question[],
  made: MadeFile,
  like?: string,
): Promise<Answers> {
  const directory = builtDirectory('trials/inspection');
  const plugin = { name: 'inspection', hash: '', directory, tools: [FILE], permissions: PERMISSIONS };
  const tool = { file: FILE, name: 'inspect', inputFormats: ['*/*'], optionsSchema: {}, limits: LIMITS };
  const inputs = [await given(made.path, made.name), ...(like === undefined ? [] : [await given(like, 'like')])];
  const { error, detail, data } = await tryOut(sandbox, { plugin, tool, inputs, options: { questions } }, directory);
  const answers = answersSchema.safeParse(data);
  if (answers.success) return answers.data;
  const fault = detail ?? error?.message ?? 'It makes no sense.';
  return Object.fromEntries(questions.map((question) => [question, { fault }]));
}
