import ts from 'typescript';
import { sdkSources } from './sdk.sources.ts';

const HEAD = `# The contract

What \`toolyard/sdk\` gives to a plugin, and all of it. Made from the docstrings in \`src/sdk\` by \`npm run docs\`.

A plugin imports \`toolyard/sdk\`, its own files, Node's modules and its own packages. \`z\` is that of
[zod](https://zod.dev): the options of a tool are one \`z.object\`. What the manifest says beside it stands in
[permissions.md](permissions.md), and what a tool must withstand in [testing.md](testing.md).`;

type Declared = ts.ClassDeclaration | ts.InterfaceDeclaration;

/** docs/plugins/contract.md: a chapter for each word of the SDK, with a row for each of its members. */
export function contractPage(): string {
  const chapters = sdkSources().flatMap((source) => source.statements.filter(isExported).map(chapterOf));
  return `${[HEAD, ...chapters].join('\n\n')}\n`;
}

function isExported(statement: ts.Statement): boolean {
  return ts.canHaveModifiers(statement) && Boolean(statement.modifiers?.some(isExport));
}

function isExport({ kind }: ts.ModifierLike): boolean {
  return kind === ts.SyntaxKind.ExportKeyword;
}

function chapterOf(statement: ts.Statement): string {
  if (ts.isClassDeclaration(statement) || ts.isInterfaceDeclaration(statement)) return memberChapter(statement);
  if (ts.isTypeAliasDeclaration(statement)) return `## \`${statement.name.text}\`\n\n\`${oneLine(statement.type)}\``;
  if (ts.isVariableStatement(statement)) return constantChapter(statement);
  throw new Error(`The page of the contract cannot show: ${statement.getText().slice(0, 60)}`);
}

function memberChapter(declared: Declared): string {
  const rows = declared.members.map(rowOf);
  const table = ['| member | type | what it is |', '| --- | --- | --- |', ...rows].join('\n');
  return [`## \`${declared.name?.text}\``, wordsOf(declared), exampleOf(declared), table].filter(Boolean).join('\n\n');
}

function constantChapter(statement: ts.VariableStatement): string {
  const [constant] = statement.declarationList.declarations;
  const value = constant?.initializer?.getText() ?? '';
  return `## \`${constant?.name.getText()}\`\n\n${wordsOf(statement)}\n\n\`\`\`ts\n${value}\n\`\`\``;
}

function rowOf(member: ts.ClassElement | ts.TypeElement): string {
  const about = wordsOf(member).replaceAll('\n', ' ');
  if (ts.isConstructorDeclaration(member)) {
    const names = member.parameters.map(({ name }) => name.getText()).join(', ');
    const parameters = ts.getJSDocTags(member).map(parameterWords).join(' ');
    return row(`new (${names})`, '', parameters);
  }
  const name = member.name?.getText() ?? '';
  return row(`${name}${isOptional(member) ? '?' : ''}`, typeOf(member), [about, defaultOf(member)].join(' ').trim());
}

function row(name: string, type: string, about: string): string {
  const code = type === '' ? '' : `\`${type.replaceAll('|', String.raw`\|`)}\``;
  return `| \`${name}\` | ${code} | ${about.replaceAll('|', String.raw`\|`)} |`;
}

function isOptional(member: ts.ClassElement | ts.TypeElement): boolean {
  return 'questionToken' in member && member.questionToken !== undefined;
}

function typeOf(member: ts.ClassElement | ts.TypeElement): string {
  if (ts.isMethodDeclaration(member)) {
    const parameters = member.parameters.map(oneLine).join(', ');
    return `(${parameters}) => ${member.type ? oneLine(member.type) : 'void'}`;
  }
  if (!ts.isPropertyDeclaration(member) && !ts.isPropertySignature(member)) return '';
  return member.type ? oneLine(member.type) : 'string';
}

/** A member of a class that has a value need not be declared by a tool. */
function defaultOf(member: ts.ClassElement | ts.TypeElement): string {
  if (!ts.isPropertyDeclaration(member) || !member.initializer || !member.type) return '';
  return `Default: \`${oneLine(member.initializer)}\`.`;
}

function parameterWords(tag: ts.JSDocTag): string {
  const name = ts.isJSDocParameterTag(tag) ? `\`${tag.name.getText()}\`: ` : '';
  return `${name}${ts.getTextOfJSDocComment(tag.comment) ?? ''}`;
}

function exampleOf(node: ts.Node): string {
  const example = ts.getJSDocTags(node).find(({ tagName }) => tagName.text === 'example');
  return example ? `\`\`\`ts\n${ts.getTextOfJSDocComment(example.comment)}\n\`\`\`` : '';
}

function wordsOf(node: ts.Node): string {
  const [comment] = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc);
  return ts.getTextOfJSDocComment(comment?.comment) ?? '';
}

function oneLine(node: ts.Node): string {
  return node.getText().replaceAll(/\s+/g, ' ');
}
