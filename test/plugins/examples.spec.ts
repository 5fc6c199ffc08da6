import { cp, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loadPlugin } from '../../src/plugins/plugin.loader.js';
import { runCases } from '../../src/trials/case.runner.js';
import { TestSandbox } from '../sandbox/sandbox.harness.js';
import { EXAMPLE, SECRET, startWords, wordsDeclaration } from '../sandbox/declared/words.service.js';
import { obtainBinary } from '../servers/obtain-binary.js';
import { PluginFolders } from '../tools/plugin.folders.js';

const EXAMPLES = dirname(EXAMPLE);
const DOCS = dirname(EXAMPLES);

describe('the examples of declared tools', () => {
  let yard: TestSandbox;

  beforeAll(async () => {
    process.env['WORDS_SECRET'] = SECRET;
    yard = await TestSandbox.open();
  });
  afterAll(async () => {
    delete process.env['WORDS_SECRET'];
    await yard.close();
  });

  const cases = async (folder: string) => {
    const plugin = await loadPlugin(dirname(folder), basename(folder));
    if (!('code' in plugin)) throw new Error(plugin.reason);
    const { passed, failed, skipped } = await runCases(plugin, yard.sandbox, {}, () => {});
    return { passed, failed, skipped };
  };

  it('run programs', async () => {
    await obtainBinary({ name: 'qpdf', server: 'qpdf', package: 'qpdf' });
    await obtainBinary({ name: 'pdfimages', server: 'the tools of poppler', package: 'poppler-utils' });

    expect(await cases(join(EXAMPLES, 'pdf-commands'))).toEqual({ passed: 10, failed: 0, skipped: 0 });
  });

  it('let a service in Python work', async () => {
    await using words = await startWords();
    await using folders = await PluginFolders.make();
    await cp(EXAMPLE, join(folders.path, 'text-words'), { recursive: true });
    await folders.files('text-words', { 'text-words.tool.yaml': await wordsDeclaration(words.url) });

    expect(await cases(join(folders.path, 'text-words'))).toEqual({ passed: 2, failed: 0, skipped: 0 });
  });

  it.each([
    ['command.md', 'pdf-commands/pdf-pictures.tool.yaml'],
    ['remote.md', 'text-words/text-words.tool.yaml'],
  ])('stand in %s as they are', async (page, file) => {
    expect(await readFile(join(DOCS, page), 'utf8')).toContain(await readFile(join(EXAMPLES, file), 'utf8'));
  });

  it('have a service of thirty lines', async () => {
    const lines = (await readFile(join(EXAMPLE, 'service.py'), 'utf8'))
      .split('\n')
      .filter((line) => line.trim() !== '');

    expect(lines.length).toBeLessThanOrEqual(30);
  });
});
