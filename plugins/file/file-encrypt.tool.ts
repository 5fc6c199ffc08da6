import { Encrypter } from 'age-encryption';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { BaseTool, ToolError, z, type ToolResult, type ToolRun } from 'toolyard/sdk';
import { MAX_ENCRYPTED_BYTES } from './limits.ts';
import { metered } from './metered.ts';
import { passwordRecipient } from './password.key.ts';

const options = z.strictObject({
  password: z
    .string()
    .min(8)
    .max(1_000)
    .meta({ writeOnly: true })
    .describe(
      'The password, at least 8 characters. It is kept nowhere: whoever forgets it cannot open the file again.',
    ),
});

export default class FileEncrypt extends BaseTool<typeof options> {
  readonly name = 'file-encrypt';
  readonly title = 'Encrypt a file';
  readonly description =
    'Encrypts a file with a password, in the format of age (age-encryption.org/v1), which `age --decrypt` opens, too.';
  override readonly category = 'file';
  override readonly keywords = ['age', 'password', 'protect', 'secret', 'cipher'];
  readonly inputFormats = ['*/*'];
  readonly outputFormats = ['application/octet-stream'];
  readonly options = options;
  // The key is derived from the password in 256 MiB, so that nobody can try many of them.
  override readonly limits = {
    totalMs: 1_800_000,
    memoryMb: 640,
    maxInputs: 1,
    maxInputBytes: MAX_ENCRYPTED_BYTES,
    maxOutputBytes: MAX_ENCRYPTED_BYTES + 1024 ** 3,
    concurrency: 4,
  };

  async process(run: ToolRun<z.output<typeof options>>): Promise<ToolResult> {
    const [input] = run.inputs;
    if (input === undefined) throw new ToolError('file_missing', 'There is no file to encrypt.');
    const encrypter = new Encrypter();
    encrypter.addRecipient(passwordRecipient(run.options.password, run.signal));
    run.progress(0, 'Deriving the key');
    const encrypted = await encrypter.encrypt(metered(input, run));
    const path = join(run.workspace, 'encrypted');
    await pipeline(encrypted, createWriteStream(path, { flags: 'wx', mode: 0o600 }), { signal: run.signal });
    return { outputs: [{ path, name: `${input.name}.age` }] };
  }
}
