import { env } from 'node:process';
import { BaseTool, ToolError, z, type ToolResult, type ToolRun } from 'toolyard/sdk';
import { askClamd } from './clamd.ts';

const FOUND = /^stream: (.+) FOUND$/;
/** Names that clamd gives to what it could not look into, see AlertEncrypted and AlertExceedsMax in clamd.conf(5). */
const ENCRYPTED = /^Heuristics\.Encrypted\./;
const LIMITS = /^Heuristics\.Limits\.Exceeded/;

const options = z.strictObject({});

/** Whatever is not plainly clean is not clean. */
type Verdict = 'clean' | 'infected' | 'encrypted' | 'too_large' | 'error';

export default class VirusScan extends BaseTool<typeof options> {
  readonly name = 'virus-scan';
  readonly title = 'Scan for viruses';
  readonly description =
    'Has files looked through by the ClamAV that the operator has named. Files that are encrypted, or too large for it, are not called clean.';
  override readonly category = 'file';
  override readonly keywords = ['clamav', 'malware', 'antivirus', 'infected', 'check'];
  readonly inputFormats = ['*/*'];
  readonly outputFormats = [];
  readonly options = options;
  override readonly settings = ['CLAMD_URL'];
  override readonly limits = { totalMs: 900_000, maxInputs: 100, concurrency: 4 };

  async process({ inputs, signal, progress }: ToolRun): Promise<ToolResult> {
    const url = env['CLAMD_URL'];
    if (url === undefined) throw new ToolError('scanner_unavailable', 'The operator has named no virus scanner.');
    const total = inputs.reduce((sum, { size }) => sum + size, 0);
    let done = 0;
    const advance = (bytes: number): void => {
      done += bytes;
      progress(Math.min(done / total, 1));
    };
    const files = [];
    for (const { path, name } of inputs) files.push({ name, ...judged(await askClamd(url, path, signal, advance)) });
    return { data: { clean: files.every(({ verdict }) => verdict === 'clean'), files } };
  }
}

function judged(reply: string): { verdict: Verdict; signature: string | null } {
  if (reply === 'stream: OK') return { verdict: 'clean', signature: null };
  const [, signature] = FOUND.exec(reply) ?? [];
  if (signature === undefined)
    return { verdict: /size limit exceeded/.test(reply) ? 'too_large' : 'error', signature: null };
  if (ENCRYPTED.test(signature)) return { verdict: 'encrypted', signature: null };
  return LIMITS.test(signature) ? { verdict: 'too_large', signature: null } : { verdict: 'infected', signature };
}
