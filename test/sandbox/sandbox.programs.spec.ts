import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { pluginOf, temporaryDirectory, TestSandbox } from './sandbox.harness.ts';
import type { Outcome } from '../../src/sandbox/outcome.js';

/** A tool with these statements. */
const tool = (statements: string): string => `
  import { writeFile } from 'node:fs/promises';
  import { BaseTool, z } from 'toolyard/sdk';
  export default class Made extends BaseTool {
    name = 'made'; title = 'Made'; description = 'Made.'; inputFormats = []; outputFormats = []; options = z.object({});
    async process(run) { ${statements} }
  }`;

let directory: string;
let yard: TestSandbox;

beforeAll(async () => {
  directory = await temporaryDirectory();
  yard = await TestSandbox.behind('strict');
});

afterAll(async () => {
  await yard.close();
  await rm(directory, { recursive: true });
});

async function run(programs: readonly string[], statements: string): Promise<Outcome> {
  const plugin = await pluginOf(directory, { 'made.tool.js': tool(statements) });
  const permissions = { ...plugin.permissions, exec: [...programs], addons: true };
  return yard.run({ ...plugin, hash: statements, permissions }, { tool: 'made.tool.js' });
}

describe('a program that a tool starts', () => {
  it('is heard line by line while it works', async () => {
    const outcome = await run(
      ['sh', 'sleep'],
      `const lines = [];
       const hear = (line) => { lines.push(line); return writeFile('go', ''); };
       const script = 'printf on; printf "e\\\\nöl\\\\r\\\\n"; until [ -e go ]; do sleep 0.05; done; printf "two\\\\nhalf"';
       const { stdout } = await run.exec('sh', ['-c', script], { onLine: hear });
       return { data: { lines, stdout } };`,
    );

    expect(outcome).toMatchObject({
      type: 'done',
      data: { lines: ['one', 'öl', 'two'], stdout: 'one\nöl\r\ntwo\nhalf' },
    });
  });

  it('leaves nothing behind that would keep the child from the next run', async () => {
    const outcome = await run(
      ['true', 'false'],
      `await run.exec('true', []); return run.exec('false', []).catch(() => ({}));`,
    );

    expect(outcome).toMatchObject({ type: 'done', tidy: true });
  });

  it('finds what Debian links libraries to', async () => {
    const outcome = await run(['ls'], `return { data: (await run.exec('ls', ['/etc'])).stdout.split('\\n') };`);

    expect(outcome).toMatchObject({ type: 'done', data: expect.arrayContaining(['alternatives']) });
  });
});
