import { BaseTool, z, type ToolResult, type ToolRun } from 'toolyard/sdk';
import { installedLanguages } from './languages.ts';

const options = z.strictObject({});

export default class OcrLanguages extends BaseTool<typeof options> {
  readonly name = 'ocr-languages';
  readonly title = 'Languages of text recognition';
  readonly description = 'Says which languages ocr-recognize can read on this machine.';
  override readonly category = 'ocr';
  override readonly keywords = ['tesseract', 'traineddata', 'installed'];
  readonly inputFormats = [];
  readonly outputFormats = [];
  readonly options = options;
  override readonly requires = ['tesseract'];
  override readonly limits = { totalMs: 30_000, maxInputs: 0 };
  // It tells of the machine, not of inputs.
  override readonly deterministic = false;

  async process(run: ToolRun): Promise<ToolResult> {
    return { data: { languages: await installedLanguages(run) } };
  }
}
