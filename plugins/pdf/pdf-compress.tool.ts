import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { BaseTool, z, type ToolResult, type ToolRun } from 'toolyard/sdk';
import { countPages, onlyDocument, renamed, resultPath, WRITING } from './document.ts';
import { runProgram } from './failure.ts';
import { DOCUMENT_LIMITS } from './limits.ts';

const options = z.strictObject({
  images: z
    .enum(['recompress', 'keep'])
    .default('recompress')
    .describe(
      'recompress makes JPEGs of pictures that are stored without loss, where that is smaller; keep touches no picture.',
    ),
  linearize: z
    .boolean()
    .default(false)
    .describe('Whether the first page can be shown before the whole document has arrived. Costs some bytes.'),
});

type Options = z.output<typeof options>;

const SMALL = [
  '--object-streams=generate',
  '--compress-streams=y',
  '--recompress-flate',
  '--compression-level=9',
  '--remove-unreferenced-resources=yes',
] as const;

export default class PdfCompress extends BaseTool<typeof options> {
  readonly name = 'pdf-compress';
  readonly title = 'Compress a PDF';
  readonly description =
    'Makes a document smaller: packs its objects and streams anew and leaves out what nothing refers to. ' +
    'Pictures keep their size in pixels. When nothing is gained, the result is the document as it was.';
  override readonly category = 'pdf';
  override readonly keywords = ['optimize', 'shrink', 'reduce', 'size', 'linearize', 'web'];
  readonly inputFormats = ['application/pdf'];
  readonly outputFormats = ['application/pdf'];
  readonly options = options;
  override readonly requires = ['qpdf'];
  override readonly limits = { ...DOCUMENT_LIMITS, totalMs: 600_000 };
  override readonly deterministic = true;

  async process(run: ToolRun<Options>): Promise<ToolResult> {
    const input = onlyDocument(run);
    const pages = await countPages(run, input.path);
    run.progress(0.05, `Packing ${pages} pages`);
    const path = await this.smallest(run, input.path, input.size);
    const { size } = await stat(path);
    const saved = Math.max(0, Math.round((1 - size / input.size) * 1_000) / 1_000);
    return {
      outputs: [renamed(input, path, '-small')],
      data: { pages, bytes_before: input.size, bytes: size, saved },
    };
  }

  private async smallest(run: ToolRun<Options>, source: string, size: number): Promise<string> {
    const { images, linearize } = run.options;
    const how = [...(images === 'recompress' ? ['--optimize-images'] : []), ...(linearize ? ['--linearize'] : [])];
    const packed = resultPath(run);
    await runProgram(run, 'qpdf', [...WRITING, source, ...SMALL, ...how, packed]);
    if (linearize || (await stat(packed)).size < size) return packed;

    run.progress(0.9, 'It was small already');
    const same = join(run.workspace, 'same.pdf');
    await runProgram(run, 'qpdf', [...WRITING, source, '--object-streams=preserve', same]);
    return (await stat(same)).size < (await stat(packed)).size ? same : packed;
  }
}
