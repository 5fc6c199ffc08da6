import { Marked } from 'marked';
import sanitize from 'sanitize-html';
import { isNativeError } from 'node:util/types';
import { BaseTool, ToolError, z, type ToolResult, type ToolRun } from 'toolyard/sdk';
import { escapedHtml } from './html.names.ts';
import { MAX_MARKDOWN_BYTES, TEXT_LIMITS } from './limits.ts';
import { textResult } from './text.result.ts';
import { decoded, encodingOption, sourceOf } from './text.source.ts';

const options = z.strictObject({
  page: z
    .boolean()
    .default(true)
    .describe(
      'Whether the result is a whole page, with a head and a title. Otherwise it is what would stand in its body.',
    ),
  title: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe('Title of the page. By default the first heading, or the name of the file.'),
  images: z
    .boolean()
    .default(true)
    .describe('Whether images stay. They are fetched by whoever opens the page, so their servers learn of it.'),
  encoding: encodingOption,
});

type Run = ToolRun<z.output<typeof options>>;

export default class TextMarkdown extends BaseTool<typeof options> {
  readonly name = 'text-markdown';
  readonly title = 'Markdown to HTML';
  readonly description =
    'Turns Markdown, with tables, task lists and the like, into HTML. Nothing that could run in a browser gets through, also ' +
    'not from HTML in the Markdown.';
  override readonly category = 'text';
  override readonly keywords = ['md', 'html', 'gfm', 'commonmark', 'render', 'sanitize'];
  readonly inputFormats = ['text/*', 'application/octet-stream'];
  readonly outputFormats = ['text/html'];
  readonly options = options;
  override readonly limits = { ...TEXT_LIMITS, maxInputBytes: MAX_MARKDOWN_BYTES };
  override readonly deterministic = true;

  async process(run: Run): Promise<ToolResult> {
    const { bytes, stem } = await sourceOf(run);
    const { page, title, images, encoding } = run.options;
    const body = rendered(decoded(bytes, encoding), images);
    const html = page ? pageOf(body, title ?? headingOf(body) ?? stem) : body;
    return textResult(run, `${stem}.html`, html);
  }
}

function rendered(markdown: string, images: boolean): string {
  try {
    return harmless(new Marked({ gfm: true, async: false }).parse(markdown, { async: false }), images);
  } catch (error) {
    // Both libraries go down into what lies in one another, as deep as it may be.
    if (!isNativeError(error) || !/call stack/i.test(error.message)) throw error;
    throw new ToolError('markdown_too_deep', 'The Markdown has too much in one another, such as quotes in quotes.');
  }
}

/** What is not named here is not there any more: scripts, frames, forms, styles, and addresses that are none of the web. */
function harmless(html: string, images: boolean): string {
  return sanitize(html, {
    allowedTags: [
      ...sanitize.defaults.allowedTags.filter((tag) => tag !== 'main' && tag !== 'nav'),
      'del',
      'ins',
      'input',
      ...(images ? ['img'] : []),
    ],
    allowedAttributes: {
      a: ['href', 'title', 'rel'],
      img: ['src', 'alt', 'title', 'width', 'height'],
      th: ['align', 'colspan', 'rowspan'],
      td: ['align', 'colspan', 'rowspan'],
      ol: ['start'],
      code: ['class'],
      input: ['type', 'checked', 'disabled'],
    },
    allowedClasses: { code: [/^language-[\w+#-]{1,40}$/] },
    allowedSchemes: ['http', 'https', 'mailto'],
    allowProtocolRelative: false,
    transformTags: { a: sanitize.simpleTransform('a', { rel: 'nofollow noopener noreferrer' }) },
    // The box of a task list, and no other.
    exclusiveFilter: ({ tag, attribs }) =>
      tag === 'input' && !(attribs['type'] === 'checkbox' && 'disabled' in attribs),
    nestingLimit: 200,
  });
}

function headingOf(body: string): string | undefined {
  const start = body.indexOf('<h1>');
  const end = body.indexOf('</h1>', start);
  if (start === -1 || end === -1) return undefined;
  return sanitize(body.slice(start, end), { allowedTags: [], textFilter: (text) => text }).trim() || undefined;
}

/** @param title as text, or as sanitised HTML without tags */
function pageOf(body: string, title: string): string {
  const escaped = escapedHtml(title.replaceAll(/&(?:amp|lt|gt|quot);/g, (name) => NAMES[name] ?? name));
  return (
    '<!doctype html>\n<html>\n<head>\n<meta charset="utf-8">\n' +
    '<meta name="viewport" content="width=device-width, initial-scale=1">\n' +
    `<title>${escaped}</title>\n</head>\n<body>\n${body}</body>\n</html>\n`
  );
}

const NAMES: Readonly<Record<string, string>> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"' };
