import { readdir } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { obtainBinary } from '../../servers/obtain-binary.ts';
import { SandboxedPlugin } from '../sandboxed-plugin.ts';
import { HOSTILE, largePage, announcedObjects, manyPages } from './hostile-pdfs.ts';

/** The four ways in which documents are read: by qpdf, by pdfinfo, drawn by poppler, and with something laid on them. */
const READERS = [
  ['pdf-info', {}],
  ['pdf-compress', {}],
  ['pdf-to-images', { dpi: 36 }],
  ['pdf-watermark', { text: 'SEEN' }],
] as const;

let plugin: SandboxedPlugin;

beforeAll(async () => {
  for (const name of ['qpdf', 'pdftoppm']) {
    const from = name === 'qpdf' ? name : 'poppler-utils';
    await obtainBinary({ name, server: name, package: from });
  }
  plugin = await SandboxedPlugin.open('pdf');
});

afterAll(() => plugin.close());

function pdf(bytes: Uint8Array): { type: string; bytes: Uint8Array } {
  return { type: 'application/pdf', bytes };
}

describe('hostile documents', () => {
  it.each(Object.keys(HOSTILE))('are read, or refused in words: %s', async (name) => {
    const document = pdf(HOSTILE[name]?.() ?? Buffer.alloc(0));

    for (const [tool, options] of READERS) {
      const outcome = await plugin.run({ tool, inputs: [document], options });

      expect(['done', 'tool_error']).toContain(outcome.type);
    }
  });

  it.each<[string, string, () => Buffer, string]>([
    ['pages', 'pdf-info', () => manyPages(10_001), 'too_many_pages'],
    ['objects', 'pdf-info', () => announcedObjects(1_000_002), 'too_many_objects'],
    ['pixels', 'pdf-to-images', () => largePage(14_400), 'page_too_large'],
  ])('with too many %s are refused before %s does anything', async (_, tool, make, code) => {
    const outcome = await plugin.run({ tool, inputs: [pdf(make())], options: {} });

    expect(outcome).toMatchObject({ type: 'tool_error', code });
  });

  it('do nothing that they ask for when they are drawn', async () => {
    const document = pdf(HOSTILE['actions of all kinds and a file inside']?.() ?? Buffer.alloc(0));
    let left: string[] = [];

    const outcome = await plugin.run(
      { tool: 'pdf-to-images', inputs: [document], options: { dpi: 36 } },
      async (_, workspace) => {
        left = await readdir(workspace);
      },
    );

    expect(outcome.type).toBe('done');
    expect(left).toEqual(['1.png']);
  });
});

describe('passwords', () => {
  it('are gone from the workspace when the work is done', async () => {
    const document = pdf(largePage(200));
    let left: string[] = [];

    const outcome = await plugin.run(
      { tool: 'pdf-protect', inputs: [document], options: { password: 'open sesame' } },
      async (_, workspace) => {
        left = await readdir(workspace);
      },
    );

    expect(outcome.type).toBe('done');
    expect(left).toEqual(['result.pdf']);
  });
});
