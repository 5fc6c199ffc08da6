import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { BaseTool, ToolError, z, type InputFile, type ToolResult, type ToolRun } from 'toolyard/sdk';
import { MAX_INPUT_BYTES } from './limits.ts';

/** Hexadecimal digits of each checksum. */
const DIGITS = { sha256: 64, sha512: 128, sha1: 40, md5: 32, blake2b512: 128 } as const;

type Algorithm = keyof typeof DIGITS;

const options = z.strictObject({
  algorithms: z
    .array(z.enum(['sha256', 'sha512', 'sha1', 'md5', 'blake2b512']))
    .min(1)
    .max(5)
    .default(['sha256'])
    .describe('Which checksums to compute. MD5 and SHA-1 find accidents, not attacks.'),
  expected: z
    .string()
    .regex(/^[0-9A-Fa-f]{32,128}$/)
    .optional()
    .describe('A checksum in hexadecimal digits. The answer then says of each file whether it matches.'),
});

type Options = z.output<typeof options>;

export default class FileHash extends BaseTool<typeof options> {
  readonly name = 'file-hash';
  readonly title = 'Compute checksums';
  readonly description = 'Computes checksums of files, and compares them with an expected one.';
  override readonly category = 'file';
  override readonly keywords = ['checksum', 'digest', 'sha256', 'md5', 'verify', 'integrity'];
  readonly inputFormats = ['*/*'];
  readonly outputFormats = [];
  readonly options = options;
  override readonly limits = { totalMs: 3_600_000, maxInputs: 100, maxInputBytes: MAX_INPUT_BYTES };
  override readonly deterministic = true;

  override validate({ options: { algorithms, expected } }: ToolRun<Options>): void {
    if (expected === undefined || algorithms.some((algorithm) => DIGITS[algorithm] === expected.length)) return;
    const lengths = algorithms.map((algorithm) => `${algorithm} has ${DIGITS[algorithm]}`).join(', ');
    throw new ToolError(
      'expected_not_comparable',
      `The expected checksum has ${expected.length} digits, but ${lengths}. Name its algorithm.`,
    );
  }

  async process(run: ToolRun<Options>): Promise<ToolResult> {
    const { algorithms, expected } = run.options;
    const advance = meter(run);
    const files = [];
    for (const input of run.inputs) {
      const digests = await hash(input, algorithms, advance, run.signal);
      const matches = expected && Object.values(digests).includes(expected.toLowerCase());
      files.push({ name: input.name, size: input.size, digests, ...(expected && { matches }) });
    }
    return { data: { files } };
  }
}

/** Reports progress by bytes over all inputs, once per percent. */
function meter(run: ToolRun<Options>): (bytes: number) => void {
  const total = run.inputs.reduce((sum, { size }) => sum + size, 0);
  let done = 0;
  let percent = 0;
  return (bytes) => {
    done += bytes;
    const now = Math.floor((done / total) * 100);
    if (now === percent) return;
    percent = now;
    run.progress(percent / 100);
  };
}

async function hash(
  { path }: InputFile,
  algorithms: readonly Algorithm[],
  advance: (bytes: number) => void,
  signal: AbortSignal,
): Promise<Record<string, string>> {
  const hashes = [...new Set(algorithms)].map((algorithm) => ({ algorithm, hash: createHash(algorithm) }));
  const chunks: AsyncIterable<Buffer> = createReadStream(path, { highWaterMark: 1024 ** 2, signal });
  for await (const chunk of chunks) {
    for (const { hash } of hashes) hash.update(chunk);
    advance(chunk.length);
  }
  return Object.fromEntries(hashes.map(({ algorithm, hash }) => [algorithm, hash.digest('hex')]));
}
