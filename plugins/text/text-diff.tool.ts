import { createTwoFilesPatch, FILE_HEADERS_ONLY } from 'diff';
import { readFile } from 'node:fs/promises';
import { BaseTool, ToolError, z, type InputFile, type ToolResult, type ToolRun } from 'toolyard/sdk';
import { MAX_DOCUMENT_BYTES, TEXT_LIMITS } from './limits.ts';
import { textResult } from './text.result.ts';
import { decoded, encodingOption } from './text.source.ts';

/** Texts that have nothing in common take a time that grows with the square of their length. */
const DEADLINE_MS = 30_000;

const options = z.strictObject({
  context: z.int().min(0).max(1_000).default(3).describe('How many equal lines are shown around each change.'),
  ignore_white_space: z
    .boolean()
    .default(false)
    .describe('Whether lines are equal that differ only in white space at the end.'),
  encoding: encodingOption,
});

type Run = ToolRun<z.output<typeof options>>;

export default class TextDiff extends BaseTool<typeof options> {
  readonly name = 'text-diff';
  readonly title = 'Compare two texts';
  readonly description =
    'Tells which lines of the first file are not in the second, and the other way round, as a unified diff that patch(1) takes.';
  override readonly category = 'text';
  override readonly keywords = ['compare', 'difference', 'patch', 'changes'];
  readonly inputFormats = ['*/*'];
  readonly outputFormats = ['text/plain'];
  readonly options = options;
  override readonly limits = { ...TEXT_LIMITS, maxInputs: 2, maxInputBytes: MAX_DOCUMENT_BYTES };
  override readonly deterministic = true;

  override validate({ inputs }: Run): void {
    if (inputs.length !== 2) throw new ToolError('two_files_only', 'Two files are compared, the older one first.');
  }

  async process(run: Run): Promise<ToolResult> {
    const { context, ignore_white_space: stripTrailing, encoding } = run.options;
    const [older, newer] = run.inputs;
    if (!older || !newer) throw new ToolError('two_files_only', 'Two files are compared, the older one first.');
    const before = await textOf(older, run);
    const after = await textOf(newer, run);
    const strip = (text: string) => (stripTrailing ? withoutEnds(text) : text);
    const patch = differences(
      name(older),
      name(newer),
      strip(decoded(before, encoding)),
      strip(decoded(after, encoding)),
      context,
    );
    const lines = patch.split('\n').slice(2);
    const added = lines.filter((line) => line.startsWith('+')).length;
    const removed = lines.filter((line) => line.startsWith('-')).length;
    const isEqual = added + removed === 0;
    return textResult(run, 'changes.diff.txt', isEqual ? '' : patch, { equal: isEqual, added, removed });
  }
}

function textOf({ path }: InputFile, { signal }: Run): Promise<Buffer> {
  return readFile(path, { signal });
}

/** In the head of a diff a name ends where its line does. */
function name({ name }: InputFile): string {
  return name.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]/gu, '_') || 'file';
}

function withoutEnds(text: string): string {
  return text
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

function differences(olderName: string, newerName: string, before: string, after: string, context: number): string {
  const patch = createTwoFilesPatch(olderName, newerName, before, after, undefined, undefined, {
    context,
    timeout: DEADLINE_MS,
    headerOptions: FILE_HEADERS_ONLY,
  });
  if (patch !== undefined) return patch;
  throw new ToolError('texts_too_different', 'The texts have too little in common to be compared in time.');
}
