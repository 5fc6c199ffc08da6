import { writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join, parse } from 'node:path';
import { BaseTool, ToolError, z, type InputFile, type OutputFile, type ToolResult, type ToolRun } from 'toolyard/sdk';
import { pagesOf } from './document-pages.ts';
import { joinHocr, scoresIn } from './hocr.ts';
import { inParallel } from './in-parallel.ts';
import { requireLanguages } from './languages.ts';
import { MAX_PARALLEL } from './limits.ts';
import { picturesIn, PICTURES } from './pictures.ts';
import { type Reading, recognise, type Recognised } from './recognition.ts';
import { joinPages, layText } from './searchable.ts';
import type { Page, Source } from './source.ts';

const PDF = 'application/pdf';

const options = z.strictObject({
  formats: z
    .array(z.enum(['text', 'hocr', 'pdf']))
    .min(1)
    .max(3)
    .default(['text'])
    .describe(
      'What to make: plain text, hOCR (HTML with the place of each word), a PDF that can be searched, or several.',
    ),
  languages: z
    .array(z.string().regex(/^[A-Za-z][\w/]{1,40}$/, 'must be a language such as eng'))
    .min(1)
    .max(5)
    .default(['eng'])
    .describe('The languages of the text, the most frequent first. ocr-languages says which are installed.'),
  layout: z
    .enum(['auto', 'column', 'block', 'line', 'sparse'])
    .default('auto')
    .describe('How the text stands: found out, one column, one block, one line, or words here and there.'),
  dpi: z.int().min(100).max(600).default(300).describe('Pixels per inch with which pages of a PDF are drawn.'),
  existing_text: z
    .enum(['keep', 'recognize'])
    .default('keep')
    .describe('Whether pages of a PDF that have text already keep it, or are read like pictures, too.'),
});

type Options = z.output<typeof options>;

export default class OcrRecognize extends BaseTool<typeof options> {
  readonly name = 'ocr-recognize';
  readonly title = 'Recognise text';
  readonly description =
    'Reads the text in a picture, or in the pages of a scanned PDF: as plain text, as hOCR, or as a PDF that looks the same and can be searched.';
  override readonly category = 'ocr';
  override readonly keywords = ['scan', 'tesseract', 'searchable', 'text', 'read', 'hocr', 'recognition'];
  readonly inputFormats = [PDF, ...PICTURES];
  readonly outputFormats = ['text/plain', 'text/html', PDF];
  readonly options = options;
  override readonly requires = ['tesseract', 'qpdf', 'pdfinfo', 'pdftotext', 'pdftoppm'];
  // A page of 50 megapixels full of text takes a minute; four at a time hold 1.5 GiB.
  override readonly limits = {
    totalMs: 3_600_000,
    idleMs: 300_000,
    cpuMs: 4 * 3_600_000,
    memoryMb: 2_048,
    maxInputBytes: 512 * 1024 ** 2,
  };
  override readonly deterministic = true;

  async process(run: ToolRun<Options>): Promise<ToolResult> {
    const [input] = run.inputs;
    if (input === undefined) throw new ToolError('input_missing', 'There is no picture or document.');
    const { formats, dpi, existing_text: existing } = run.options;
    await requireLanguages(run, run.options.languages);

    const drawing = { dpi, keepText: existing === 'keep', forDocument: formats.includes('pdf') };
    const source = await (input.type === PDF ? pagesOf(input, run, drawing) : picturesIn(input, run));
    const results = await readAll(run, source);
    return {
      outputs: await write(run, input, source, results),
      data: { pages: source.pages.length, ...summary(results) },
    };
  }
}

/** What a page ends with: recognised, or with the text that it had. */
type Result = Recognised | { readonly text: string; readonly hocr?: undefined; readonly document?: undefined };

async function readAll(run: ToolRun<Options>, { pages, document }: Source): Promise<Result[]> {
  const { languages, layout, formats } = run.options;
  const reading: Reading = {
    languages,
    layout,
    document: formats.includes('pdf') ? (document === undefined ? 'picture' : 'letters') : undefined,
  };
  let done = 0;
  run.progress(0, `Page 1 of ${pages.length}`);
  return inParallel(pages, Math.min(availableParallelism(), MAX_PARALLEL, pages.length), async (page, index) => {
    run.signal.throwIfAborted();
    const result = await readPage(run, page, `page-${index + 1}`, reading);
    done += 1;
    run.progress((0.95 * done) / pages.length, `${done} of ${pages.length} pages`);
    return result;
  });
}

async function readPage(run: ToolRun, page: Page, name: string, reading: Reading): Promise<Result> {
  if (page.text !== undefined) return { text: `${page.text}\f` };
  return recognise(run, await page.picture(), name, reading);
}

function summary(results: readonly Result[]): object {
  const scores = results.flatMap(({ hocr }) => (hocr === undefined ? [] : scoresIn(hocr)));
  const words = scores.reduce((sum, score) => sum + score.words, 0);
  const confidence = scores.reduce((sum, score) => sum + score.confidence, 0);
  return {
    recognized_pages: scores.length,
    words,
    confidence: words === 0 ? null : Math.round(confidence / words),
  };
}

async function write(
  run: ToolRun<Options>,
  input: InputFile,
  { document }: Source,
  results: readonly Result[],
): Promise<OutputFile[]> {
  const name = parse(input.name).name || 'document';
  const { workspace } = run;
  const makers = {
    text: async () => {
      const path = join(workspace, 'text.txt');
      await writeFile(path, results.map(({ text }) => text).join(''));
      return { path, name: `${name}.txt` };
    },
    hocr: async () => {
      const path = join(workspace, 'text.html');
      await writeFile(path, joinHocr(results.map(({ hocr }) => hocr)));
      return { path, name: `${name}.html` };
    },
    pdf: async () => {
      const documents = results.map((result) => result.document);
      const pages = documents.filter((path) => path !== undefined);
      const path = await (document === undefined ? joinPages(run, pages) : layText(run, document, documents));
      return { path, name: `${name}-searchable.pdf` };
    },
  };
  const outputs: OutputFile[] = [];
  for (const format of new Set(run.options.formats)) outputs.push(await makers[format]());
  return outputs;
}
