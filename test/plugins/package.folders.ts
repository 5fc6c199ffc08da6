import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type MadePackage, PackageMaker } from '../../src/plugins/packages/package.maker.js';
import { withSandbox } from '../../src/trials/trial.ground.js';

/** Texts by their paths in the folder of a plugin. */
export type Texts = Readonly<Record<string, string>>;

export const TOOL = `import { BaseTool, z } from 'toolyard/sdk';
const options = z.object({ act: z.enum(['greet', 'crash', 'hold']).default('greet').describe('What it does.') });
export default class extends BaseTool {
  name = 'hello-say';
  title = 'Say hello';
  description = 'Says hello, in VERSION.';
  inputFormats = [];
  outputFormats = [];
  options = options;
  limits = { concurrency: 1 };
  async process({ options, signal }) {
    if (options.act === 'crash') throw new TypeError('It is broken.');
    if (options.act === 'hold') await new Promise((resolve) => {
      const timer = setTimeout(resolve, 3_600_000);
      signal.addEventListener('abort', () => { clearTimeout(timer); resolve(); });
    });
    return { data: { text: 'Hello from VERSION' } };
  }
}
`;

export const CASES = `cases:
  - name: greets
    expect: { data: { text: Hello from VERSION } }
`;

/** The texts of a plugin that says hello, and of which version it is. */
export function hello(version: string, toolyard: object = {}, manifest: object = {}): Texts {
  const about = { name: '@acme/hello', version, type: 'module', files: ['*.tool.js', '*.cases.yaml', 'fixtures'] };
  return {
    'package.json': JSON.stringify({ ...about, toolyard, ...manifest }),
    'hello-say.tool.js': TOOL.replaceAll('VERSION', version),
    'hello-say.cases.yaml': CASES.replaceAll('VERSION', version),
    'README.md': '# Hello\n',
  };
}

/** Makes packages of texts, in a directory that goes away when it is disposed of. */
export class PackageFolders implements AsyncDisposable {
  private count = 0;

  private constructor(readonly path: string) {}

  static async make(): Promise<PackageFolders> {
    return new PackageFolders(await mkdtemp(join(tmpdir(), 'toolyard-packages-')));
  }

  /** A new folder with these texts. */
  async folder(texts: Texts): Promise<string> {
    this.count += 1;
    const folder = join(this.path, String(this.count));
    for (const [name, text] of Object.entries(texts)) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), text);
    }
    return folder;
  }

  async pack(texts: Texts): Promise<MadePackage> {
    return this.packFolder(await this.folder(texts));
  }

  packFolder(folder: string): Promise<MadePackage> {
    return withSandbox((sandbox) => new PackageMaker(sandbox).make(folder, `${folder}-packed`));
  }

  /** The bytes of the package. */
  async bytes(texts: Texts): Promise<Buffer> {
    return readFile((await this.pack(texts)).path);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }
}
