import { BaseTool, ToolError, z, type ToolResult, type ToolRun } from 'toolyard/sdk';
import { countPages, onlyDocument, renamed, resultPath, WRITING } from './document.ts';
import { exitCode, runProgram } from './failure.ts';
import { DOCUMENT_LIMITS } from './limits.ts';
import { password, withSecretFile } from './secret-file.ts';

/** What `qpdf --is-encrypted` ends with when a document is not. It ends so, too, when it cannot read it. */
const IN_CLEAR = 2;

const options = z.strictObject({
  password: password
    .optional()
    .describe('The password that opens the document. Not needed where it opens without and is only restricted.'),
});

type Options = z.output<typeof options>;

export default class PdfUnlock extends BaseTool<typeof options> {
  readonly name = 'pdf-unlock';
  readonly title = 'Unlock a PDF';
  readonly description =
    'Removes the password and the restrictions of a document. It guesses nothing: whoever cannot open it cannot unlock it.';
  override readonly category = 'pdf';
  override readonly keywords = ['decrypt', 'password', 'remove protection', 'restrictions'];
  readonly inputFormats = ['application/pdf'];
  readonly outputFormats = ['application/pdf'];
  readonly options = options;
  override readonly requires = ['qpdf'];
  override readonly limits = DOCUMENT_LIMITS;
  override readonly deterministic = true;

  async process(run: ToolRun<Options>): Promise<ToolResult> {
    const input = onlyDocument(run);
    if ((await exitCode(run, 'qpdf', ['--no-warn', '--is-encrypted', input.path], [IN_CLEAR])) === IN_CLEAR) {
      await countPages(run, input.path);
      throw new ToolError('pdf_not_protected', 'The document is not protected.');
    }
    const path = resultPath(run);
    run.progress(0.1, 'Decrypting');
    await this.decrypt(run, input.path, path);
    return { outputs: [renamed(input, path, '-unlocked')], data: { pages: await countPages(run, path) } };
  }

  private async decrypt(run: ToolRun<Options>, source: string, target: string): Promise<void> {
    const { password = '' } = run.options;
    try {
      await withSecretFile(run, password, (file) =>
        runProgram(run, 'qpdf', [...WRITING, `--password-file=${file}`, '--decrypt', source, target]),
      );
    } catch (error) {
      if (!(error instanceof ToolError) || error.code !== 'pdf_locked') throw error;
      if (password === '') throw error;
      throw new ToolError('password_wrong', 'The password does not open the document.');
    }
  }
}
