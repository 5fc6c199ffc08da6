import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { print, wrap } from '../../../plugins/print/chromium.ts';
import { sanitize } from '../../../plugins/print/sanitize.ts';
import { sheetStyle } from '../../../plugins/print/sheet.ts';
import type { ToolRun } from '../../../src/sdk/index.js';
import { obtainBinary } from '../../servers/obtain-binary.ts';

const execute = promisify(execFile);

let directory: string;
let server: Server;
const asked: string[] = [];

beforeEach(async () => {
  await obtainBinary({ name: 'chromium', server: 'Chromium', package: 'chromium' });
  await obtainBinary({ name: 'pdftotext', server: 'pdftotext', package: 'poppler-utils' });
  directory = await realpath(await mkdtemp(join(tmpdir(), 'toolyard-print-')));
  asked.length = 0;
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.end();
  }).listen(0);
  await once(server, 'listening');
});

afterEach(async () => {
  server.close();
  await rm(directory, { recursive: true });
});

/** Prints outside of the sandbox, where there is a network, and reads what was printed. */
async function printed(html: string): Promise<string> {
  const run: ToolRun = {
    id: 'a run of a test',
    inputs: [],
    options: {},
    workspace: directory,
    signal: new AbortController().signal,
    progress: () => {},
    exec: (program, args) => execute(program, args, { cwd: directory }),
    log: { info: () => {}, warn: () => {}, error: () => {} },
  };
  const { stdout } = await execute('pdftotext', [await print(run, html), '-']);
  return stdout;
}

/** Everything that could ask the server for something, or the disk. */
function greedy(address: string): string {
  return `<h1 onclick="x()">Still here</h1>
    <script>document.querySelector('h1').textContent = 'A script ran'; fetch('${address}/script')</script>
    <noscript>Without scripts</noscript>
    <base href="${address}/base/">
    <link rel="stylesheet" href="${address}/style"><style>@import url(${address}/import); h1 { background: url(${address}/css) }</style>
    <img src="${address}/picture"><img srcset="${address}/srcset 1x"><iframe src="${address}/frame"></iframe>
    <object data="${address}/object"></object><embed src="${address}/embed"><video src="${address}/video" autoplay></video>
    <svg><image href="${address}/svg" width="9" height="9"/></svg><iframe srcdoc="<img src=${address}/srcdoc>"></iframe>
    <p style="background: url(${address}/attribute)">End</p>`;
}

function addressOf(host: string): string {
  const address = server.address();
  return `http://${host}:${typeof address === 'object' ? address?.port : ''}`;
}

describe('a document that is printed', () => {
  it('fetches nothing and runs nothing, even when nobody has looked at it before', async () => {
    const text = await printed(
      greedy(addressOf('127.0.0.1')) + greedy(addressOf('localhost')) + greedy(addressOf('[::1]')),
    );

    expect(text).toContain('Still here');
    expect(text).toContain('Without scripts');
    expect(text).not.toContain('A script ran');
    expect(asked).toEqual([]);
  });

  it('shows no file of the machine', async () => {
    const style = sheetStyle({ format: 'a4', landscape: false, margin: 10, page_numbers: false });
    const text = await printed(wrap('<p>Mine</p><iframe src="file:///etc/passwd"></iframe>', 'x', style));

    expect(text).toContain('Mine');
    expect(text).not.toContain('root');
  });
});

describe('what is left of a document', () => {
  it('refers to nothing that could be fetched', () => {
    const { html, leftOut } = sanitize(
      `<meta http-equiv="refresh" content="0;url=http://outside/">${greedy('http://outside')}`,
    );

    expect(html).not.toMatch(/<(script|meta|base|link|iframe|object|embed|video|svg|image)|onclick|srcset|src=/);
    expect(html).toContain('Still here');
    expect(leftOut).toBe(2);
  });

  it.each([
    ['a picture of another kind', '<img src="data:image/svg+xml;base64,PHN2Zy8+">'],
    ['an address with a tab in it', '<img src="ht\ttp://outside/x">'],
    ['a script in a link', '<a href="java\nscript:alert(1)">x</a>'],
    ['a tag in a tag', '<scr<script>ipt>alert(1)</script>'],
    ['a style that ends early', '<style></style><script>alert(1)</script><style></style>'],
  ])('has no %s', (_, html) => {
    expect(sanitize(html).html).not.toMatch(/src=|javascript|java\s*script:|<script/i);
  });
});
