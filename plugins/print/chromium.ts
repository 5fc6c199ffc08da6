import { mkdir, open, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ToolError, type ToolRun } from 'toolyard/sdk';

/** What the browser is told before it starts: scripts run on no page. */
const PREFERENCES = { profile: { default_content_setting_values: { javascript: 2 } } };

/** Nothing is fetched, whatever a document asks for: each name and each address leads nowhere. */
const NO_NETWORK = ['--host-resolver-rules=MAP * ~NOTFOUND', '--disable-background-networking', '--disable-sync'];

const QUIETLY = [
  '--headless',
  // It runs inside the sandbox of the platform, in which nobody can make another.
  '--no-sandbox',
  '--no-zygote',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-extensions',
  '--disable-component-update',
  '--disable-breakpad',
  '--no-first-run',
];

const PDF = '%PDF-';

/** A page for `print`: only this page's own styles and pictures count, and nothing else is loaded. */
export function wrap(body: string, title: string, style: string): string {
  const policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:";
  return `<!doctype html>
<html><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}">
<title>${escapeHtml(title)}</title><style>${style}</style></head>
<body>${body}</body></html>
`;
}

/** Prints a page. The browser is started for it alone, with a profile of its own. @returns the path of the PDF */
export async function print(run: ToolRun, html: string): Promise<string> {
  const at = (name: string): string => join(run.workspace, name);
  await mkdir(at('profile/Default'), { recursive: true });
  await writeFile(at('profile/Default/Preferences'), JSON.stringify(PREFERENCES));
  await writeFile(at('page.html'), html);
  const how = [`--user-data-dir=${at('profile')}`, '--no-pdf-header-footer', `--print-to-pdf=${at('page.pdf')}`];
  const page = pathToFileURL(at('page.html')).href;
  // The browser puts a socket there, and the path of a socket has 108 bytes at most.
  // oxlint-disable-next-line node/no-process-env -- It is told to the browser, and nothing is read.
  Object.assign(process.env, { TMPDIR: '.' });
  const { stderr } = await run.exec('chromium', [...QUIETLY, ...NO_NETWORK, ...how, page]);
  await rm(at('profile'), { recursive: true, force: true });
  if (!(await isPdf(at('page.pdf')))) {
    run.log.warn(stderr);
    throw new ToolError('page_unprintable', 'The document could not be printed: it may be too large.');
  }
  return at('page.pdf');
}

async function isPdf(path: string): Promise<boolean> {
  const file = await open(path).catch(() => undefined);
  if (file === undefined) return false;
  try {
    const { buffer } = await file.read(Buffer.alloc(PDF.length));
    return buffer.toString('latin1') === PDF;
  } finally {
    await file.close();
  }
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
