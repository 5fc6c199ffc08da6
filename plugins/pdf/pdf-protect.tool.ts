import { randomBytes } from 'node:crypto';
import { BaseTool, ToolError, z, type ToolResult, type ToolRun } from 'toolyard/sdk';
import { countPages, onlyDocument, QUIETLY, renamed, resultPath } from './document.ts';
import { runProgram } from './failure.ts';
import { DOCUMENT_LIMITS } from './limits.ts';
import { password, withSecretFile } from './secret-file.ts';

const options = z.strictObject({
  password: password.optional().describe('What opens the document. Without it, everybody can open it.'),
  owner_password: password
    .optional()
    .describe('What lifts the restrictions. Without it, a random one that nobody knows.'),
  printing: z
    .enum(['full', 'low', 'none'])
    .default('full')
    .describe('How the document may be printed: as it is, coarsely, or not at all.'),
  copying: z.boolean().default(true).describe('Whether text and pictures may be copied out of it.'),
  editing: z
    .enum(['all', 'annotate', 'form', 'none'])
    .default('all')
    .describe('What may be changed: everything, notes and form fields, form fields only, or nothing.'),
});

type Options = z.output<typeof options>;

export default class PdfProtect extends BaseTool<typeof options> {
  readonly name = 'pdf-protect';
  readonly title = 'Protect a PDF';
  readonly description =
    'Encrypts a document with AES-256, so that it opens only with a password, or may not be printed, copied or edited. ' +
    'Restrictions are wishes that programs for reading respect; only the password keeps anybody out.';
  override readonly category = 'pdf';
  override readonly keywords = ['encrypt', 'password', 'lock', 'secure', 'permissions'];
  readonly inputFormats = ['application/pdf'];
  readonly outputFormats = ['application/pdf'];
  readonly options = options;
  override readonly requires = ['qpdf'];
  override readonly limits = DOCUMENT_LIMITS;
  // Encryption begins with random bytes.
  override readonly deterministic = false;

  override validate({ options: { password, printing, copying, editing } }: ToolRun<Options>): void {
    if (password === undefined && printing === 'full' && copying && editing === 'all') {
      throw new ToolError('nothing_to_protect', 'Give a password, or restrict printing, copying or editing.');
    }
  }

  async process(run: ToolRun<Options>): Promise<ToolResult> {
    const input = onlyDocument(run);
    const path = resultPath(run);
    const pages = await countPages(run, input.path);
    run.progress(0.2, `Encrypting ${pages} pages`);
    await withSecretFile(run, JSON.stringify(job(run.options)), (file) =>
      runProgram(run, 'qpdf', [...QUIETLY, `--job-json-file=${file}`, input.path, path]),
    );
    return { outputs: [renamed(input, path, '-protected')], data: { pages } };
  }
}

/** What qpdf is told by a file; see `qpdf --job-json-help`. */
function job({ password = '', owner_password: owner, printing, copying, editing }: Options): object {
  return {
    encrypt: {
      userPassword: password,
      ownerPassword: owner ?? randomBytes(24).toString('base64url'),
      '256bit': { print: printing, extract: copying ? 'y' : 'n', modify: editing },
    },
  };
}
