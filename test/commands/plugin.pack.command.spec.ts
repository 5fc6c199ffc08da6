import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { hello, PackageFolders, type Texts, TOOL } from '../plugins/package.folders.js';

const CLI = join(import.meta.dirname, '../../dist/cli.js');

describe('toolyard plugin pack', () => {
  let packages: PackageFolders;
  beforeAll(async () => {
    packages = await PackageFolders.make();
  });
  afterAll(() => packages[Symbol.asyncDispose]());

  async function pack(texts: Texts, ...args: string[]): Promise<string> {
    const folder = await packages.folder(texts);
    const line = [CLI, 'plugin', 'pack', folder, '--out', `${folder}-packed`, ...args];
    // With nothing set that the house would want.
    return (await promisify(execFile)(process.execPath, line, { env: { HOME: packages.path } })).stdout;
  }

  const other = { 'hello-other.tool.js': TOOL.replace('hello-say', 'hello-other') };

  it('says what the package is', async () => {
    const said = await pack(hello('1.0.0'));

    expect(said).toMatch(
      /^@acme\/hello@1\.0\.0: hello-say\nAsks for: nothing\n\S+acme-hello-1\.0\.0\.tgz: 5 files, \d+ bytes, SHA-256 [0-9a-f]{64}\n$/,
    );
  });

  it('says which tools have no cases, because platforms want some', async () => {
    const said = await pack({ ...hello('1.0.0'), ...other });

    expect(said).toContain(
      '\nNo cases: hello-other. Platforms refuse to install that, unless they are told --untested.\n',
    );
  });

  it('says the same in JSON', async () => {
    const said = JSON.parse(await pack({ ...hello('1.0.0'), ...other }, '--json'));

    expect(said).toMatchObject({ name: '@acme/hello', tools: ['hello-other', 'hello-say'], untested: ['hello-other'] });
  });
});
