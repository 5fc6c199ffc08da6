import { readFileSync } from 'node:fs';
import ts from 'typescript';

const SDK = new URL('../src/sdk/', import.meta.url);
const FILES = ['base-tool.ts', 'tool-run.ts', 'tool-error.ts', 'limits.ts'];

/** The SDK as an author's editor needs it: one file of declarations, which knows nothing of this repository. */
export function sdkDeclarations(): string {
  const bodies = FILES.map((file) => declarationsOf(file)).join('\n');
  const lines = `export { z } from 'zod';\n\n${bodies}`.split('\n').map((line) => (line === '' ? '' : `  ${line}`));
  return `// The contract between a plugin and the platform, for editors. The platform brings the code.
// Written by \`toolyard plugin new\`; a later version of Toolyard writes a later one.
declare module 'toolyard/sdk' {
  import type { z } from 'zod';
${lines.join('\n').trimEnd()}
}
`;
}

/** The files of the SDK, parsed, in the order in which an author meets what is in them. */
export function sdkSources(): ts.SourceFile[] {
  return FILES.map((file) => ts.createSourceFile(file, read(file), ts.ScriptTarget.Latest, true));
}

function declarationsOf(file: string): string {
  const { outputText } = ts.transpileDeclaration(read(file), {
    fileName: file,
    compilerOptions: { target: ts.ScriptTarget.ESNext, module: ts.ModuleKind.NodeNext, declaration: true },
  });
  return outputText
    .replaceAll(/^import .*\n/gm, '')
    .replaceAll('export declare ', 'export ')
    .replaceAll(/^( {4})+/gm, (indent) => indent.slice(indent.length / 2));
}

function read(file: string): string {
  return readFileSync(new URL(file, SDK), 'utf8');
}
