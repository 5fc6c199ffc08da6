import { Decrypter } from 'age-encryption';
import { createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { BaseTool, ToolError, z, type InputFile, type ToolResult, type ToolRun } from 'toolyard/sdk';
import { explained, refuseOthers } from './age.ts';
import { MAX_ENCRYPTED_BYTES } from './limits.ts';
import { metered } from './metered.ts';
import { passwordIdentity } from './password.key.ts';

const options = z.strictObject({
  password: z
    .string()
    .min(1)
    .max(1_000)
    .meta({ writeOnly: true })
    .describe('The password that the file was encrypted with.'),
});

type Run = ToolRun<z.output<typeof options>>;

export default class FileDecrypt extends BaseTool<typeof options> {
  readonly name = 'file-decrypt';
  readonly title = 'Decrypt a file';
  readonly description =
    'Opens a file that was encrypted with a password by file-encrypt, or by `age --passphrase`. What was changed on its way ' +
    'is refused.';
  override readonly category = 'file';
  override readonly keywords = ['age', 'password', 'open', 'unlock', 'decipher'];
  readonly inputFormats = ['*/*'];
  readonly outputFormats = ['application/octet-stream'];
  readonly options = options;
  // How much memory a password costs stands in the file; 1 GiB is the most that is tried.
  override readonly limits = {
    totalMs: 1_800_000,
    memoryMb: 1_408,
    maxInputs: 1,
    maxInputBytes: MAX_ENCRYPTED_BYTES + 1024 ** 3,
    maxOutputBytes: MAX_ENCRYPTED_BYTES + 1024 ** 3,
    concurrency: 4,
  };

  async process(run: Run): Promise<ToolResult> {
    const [input] = run.inputs;
    if (input === undefined) throw new ToolError('file_missing', 'There is no file to decrypt.');
    await refuseOthers(input.path);
    try {
      return await decrypt(run, input);
    } catch (error) {
      throw explained(error, run.log);
    }
  }
}

async function decrypt(run: Run, input: InputFile): Promise<ToolResult> {
  const decrypter = new Decrypter();
  decrypter.addIdentity(passwordIdentity(run.options.password, run.signal));
  run.progress(0, 'Trying the password');
  const plain = await decrypter.decrypt(metered(input, run));
  const path = join(run.workspace, 'decrypted');
  await pipeline(plain, createWriteStream(path, { flags: 'wx', mode: 0o600 }), { signal: run.signal });
  const { size } = await stat(path);
  // There are no empty files on the platform.
  return { outputs: size === 0 ? [] : [{ path, name: plainName(input.name) }], data: { bytes: size } };
}

function plainName(name: string): string {
  return /.\.age$/i.test(name) ? name.slice(0, -'.age'.length) : `decrypted ${name}`;
}
