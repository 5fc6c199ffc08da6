import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { lint, mend } from '../../src/authoring/lint/lint.js';
import type { Finding } from '../../src/authoring/lint/finding.js';
import { BUNDLED } from '../../src/plugins/bundled.js';
import type { Sandbox } from '../../src/sandbox/sandbox.js';
import { withSandbox } from '../../src/trials/trial.ground.js';
import { PluginFolders } from '../tools/plugin.folders.js';

const TOOL = `import { request } from 'node:https';
import { spawn } from 'node:child_process';
import { BaseTool, ToolError, z } from 'toolyard/sdk';
// fetch('https://nobody.example') is only a comment
const ADDRESS = 'https://docs.example/process.env.NOTHING'; /* process.env.NOTHING */
export default class extends BaseTool {
  name = 'sloppy';
  title = 'Sloppy';
  description = 'Does not look at what it does.';
  inputFormats = [];
  outputFormats = [];
  options = z.object({
    text: z.string().describe('Any text'),
    count: z.int().default(1).describe('A number.'),
    digest: z.string().regex(/^[0-9a-f]{32,64}$/).optional().describe('A short one.'),
    rest: z.array(z.enum(['a', 'b'])).optional().describe('A list.'),
  });
  async process(run) {
    await run.exec('qpdf', ['--version']);
    /^x$/.exec('gs');
    await fetch(process.env.ADDRESS ?? ADDRESS);
    process.env.SET_FOR_PROGRAMS = process.env.TMPDIR;
    if (!spawn || !request) throw new ToolError('not_told', 'It is not told.');
    return { data: 1 };
  }
}
`;

const MANIFEST = {
  name: 'sloppy',
  version: '1.0.0',
  description: 'No sentence',
  scripts: { postinstall: 'rm -rf /' },
  toolyard: { host: '>=99', permissions: { exec: ['gs'], env: ['NEVER', 'ADDRESS'] } },
};

let sandbox: Sandbox;
let close: () => void;
let closed: Promise<void>;
beforeAll(async () => {
  const opened = Promise.withResolvers<Sandbox>();
  const over = Promise.withResolvers<void>();
  closed = withSandbox(async (found) => {
    opened.resolve(found);
    await over.promise;
  });
  close = over.resolve;
  sandbox = await opened.promise;
});
afterAll(async () => {
  close();
  await closed;
});

const places = (findings: readonly Finding[]): string[] =>
  findings.map(({ rule, file, line }) => `${rule} ${file}${line === null ? '' : `:${line}`}`).toSorted();

describe('toolyard plugin lint', () => {
  it('finds what a plugin lacks, uses or asks for, each with its line', async () => {
    await using folders = await PluginFolders.make();
    const path = await folders.files('sloppy', {
      'package.json': JSON.stringify(MANIFEST, null, 2),
      'sloppy.tool.ts': TOOL,
    });

    const findings = await lint(path, sandbox);

    expect(places(findings)).toEqual([
      'cases sloppy.tool.ts',
      'child-process sloppy.tool.ts:2',
      'description package.json:4',
      'files package.json',
      'host-range package.json:9',
      'install-script package.json:6',
      'license package.json',
      'module package.json',
      'option-bounded sloppy.tool.ts:13',
      'option-bounded sloppy.tool.ts:14',
      'option-bounded sloppy.tool.ts:14',
      'option-bounded sloppy.tool.ts:16',
      'option-described sloppy.tool.ts:13',
      'readme README.md',
      'undeclared-exec sloppy.tool.ts:19',
      'undeclared-net sloppy.tool.ts:1',
      'undeclared-net sloppy.tool.ts:21',
      'unused-env package.json:15',
    ]);
    expect(findings.filter(({ sentence, mend: how }) => !sentence.endsWith('.') || !how.endsWith('.'))).toEqual([]);
  });

  it('knows what a declared tool needs', async () => {
    await using folders = await PluginFolders.make();
    const remote = 'kind: remote\nname: far\nurl: http://words.lan\nsecret: WORDS # not OTHER\n';
    const command = 'kind: command\nname: near\ncommand: {program: qpdf, args: []}\n';
    const path = await folders.files('declared', {
      'package.json': { ...MANIFEST, toolyard: { permissions: { env: ['OTHER'] } } },
      'far.tool.yaml': remote,
      'near.tool.yaml': command,
    });
    const ofPermissions = async () =>
      places((await lint(path, sandbox)).filter(({ rule }) => /^un(used|declared)-/.test(rule)));

    expect(await ofPermissions()).toEqual([
      'undeclared-env far.tool.yaml:4',
      'undeclared-exec near.tool.yaml:3',
      'undeclared-net far.tool.yaml:3',
      'unused-env package.json:1',
    ]);
    const permissions = { net: ['words.lan'], env: ['WORDS'], exec: ['qpdf'] };
    await folders.files('declared', { 'package.json': { ...MANIFEST, toolyard: { permissions } } });
    expect(await ofPermissions()).toEqual([]);
  });

  it('mends what can be mended in one way only', async () => {
    await using folders = await PluginFolders.make();
    const path = await folders.files('sloppy', { 'package.json': MANIFEST, 'sloppy.tool.ts': TOOL });

    const count = await mend(path, await lint(path, sandbox));

    const manifest = JSON.parse(await readFile(join(path, 'package.json'), 'utf8'));
    expect(manifest).toMatchObject({
      description: 'No sentence.',
      type: 'module',
      files: ['sloppy.tool.ts'],
      toolyard: { permissions: { exec: ['gs'], env: ['ADDRESS'] } },
    });
    expect(await readFile(join(path, 'sloppy.tool.ts'), 'utf8')).toContain("describe('Any text.')");
    expect(await readFile(join(path, 'README.md'), 'utf8')).toContain('## `sloppy`');
    const left = places(await lint(path, sandbox)).map((place) => place.split(' ')[0]);
    expect(count).toBe(6);
    expect(left).not.toEqual(expect.arrayContaining(['module']));
    expect(left).toEqual(expect.arrayContaining(['license', 'install-script', 'undeclared-exec', 'readme-codes']));
  });

  it('tells of a plugin that cannot be loaded, or is none', async () => {
    await using folders = await PluginFolders.make();
    const broken = await folders.plugin('broken', { 'broken.tool.ts': 'export default 1;' });
    const none = await folders.files('none', { 'notes.txt': 'hello' });

    expect(places(await lint(broken, sandbox))).toContain('broken-tool broken.tool.ts');
    expect(places(await lint(none, sandbox))).toEqual(['manifest package.json']);
  });

  const bundled = readdirSync(BUNDLED);

  it.each(bundled)('has nothing to say of %s, which comes with Toolyard', async (name) => {
    expect(await lint(join(BUNDLED, name), sandbox)).toEqual([]);
  });
});
