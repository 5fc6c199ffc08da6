import { fileURLToPath } from 'node:url';
import { expect, it } from '@jest/globals';
import { loadPlugin } from '../../src/plugins/plugin.loader.js';
import { runCases } from '../../src/trials/case.runner.js';
import { TestSandbox } from '../sandbox/sandbox.harness.js';
import { obtainBinary } from '../servers/obtain-binary.js';

const EXAMPLES = fileURLToPath(new URL('../../docs/plugins/examples', import.meta.url));

it('has examples of commands that work', async () => {
  await obtainBinary({ name: 'qpdf', server: 'qpdf', package: 'qpdf' });
  await obtainBinary({ name: 'pdfimages', server: 'the tools of poppler', package: 'poppler-utils' });
  const plugin = await loadPlugin(EXAMPLES, 'pdf-commands');
  if (!('code' in plugin)) throw new Error(plugin.reason);
  const yard = await TestSandbox.open();
  try {
    const report = await runCases(plugin, yard.sandbox, {}, () => {});

    expect(report).toMatchObject({ failed: 0, skipped: 0, passed: 10 });
  } finally {
    await yard.close();
  }
});
