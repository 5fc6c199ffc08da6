import { BaseTool, z, type InputFile, type ToolResult, type ToolRun } from 'toolyard/sdk';
import { lookAtCsv } from './csv.js';
import { compareImages, lookAtImage } from './image.js';
import { lookAtPdf } from './pdf.js';

const options = z.strictObject({
  questions: z
    .array(z.enum(['csv', 'image', 'pixels', 'pages']))
    .max(4)
    .describe('What to look at.'),
});

type Question = z.output<typeof options>['questions'][number];

/**
 * Looks into a file that a tool under trial has made. The bytes are as trustworthy as that tool, so this is a tool, too:
 * for the platform's own use, in a child, and in no catalogue.
 */
export default class Inspect extends BaseTool<typeof options> {
  readonly name = 'inspect';
  readonly title = 'Inspect';
  readonly description = 'Says what a file holds, and how far a picture is from another one.';
  readonly inputFormats = ['*/*'];
  readonly outputFormats = [];
  readonly options = options;

  async process(run: ToolRun<z.output<typeof options>>): Promise<ToolResult> {
    const [file, like] = run.inputs;
    const answers: Record<string, unknown> = {};
    for (const question of run.options.questions) answers[question] = await answerTo(question, file, like);
    return { data: answers };
  }
}

/** A file that cannot be read is an answer, too. */
async function answerTo(question: Question, file: InputFile | undefined, like: InputFile | undefined) {
  try {
    return await look(question, file?.path ?? '', like?.path ?? '');
  } catch (error) {
    return { fault: (error instanceof Error ? error.message : String(error)).split('\n', 1)[0]?.slice(0, 200) };
  }
}

function look(question: Question, path: string, like: string): Promise<object> {
  switch (question) {
    case 'csv':
      return lookAtCsv(path);
    case 'image':
      return lookAtImage(path);
    case 'pixels':
      return compareImages(path, like);
    case 'pages':
      return lookAtPdf(path);
    default:
      return question satisfies never;
  }
}
