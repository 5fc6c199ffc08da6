import type { Case } from '../../trials/case.schema.js';

/** The same request as curl sends it and as the command line gives it. */
export function exampleOf(tool: string, { inputs, options }: Pick<Case, 'inputs' | 'options'>): string {
  return `\`\`\`sh\n${curl(tool, inputs, options)}\n\n${commandLine(tool, inputs, options)}\n\`\`\``;
}

type Inputs = Case['inputs'];
type Options = Case['options'];

function curl(tool: string, inputs: Inputs, options: Options): string {
  const given = Object.keys(options).length > 0 ? [`-F options=${quoted(JSON.stringify(options))}`] : [];
  const files = inputs.map(({ name }) => `-F file=@${quoted(name)}`);
  const url = `http://127.0.0.1:8080/api/v1/tools/${tool}/process`;
  const parts = [...given, ...files];
  if (parts.length === 0) return `curl -H "X-API-Key: $KEY" -H 'content-type: application/json' -d '{}' \\\n  ${url}`;
  return `curl -H "X-API-Key: $KEY" ${parts.join(' ')} \\\n  ${url}`;
}

function commandLine(tool: string, inputs: Inputs, options: Options): string {
  const files = inputs.map(({ name }) => quoted(name));
  const flags = Object.values(options).every(isPlain)
    ? Object.entries(options).map(([name, value]) => flag(name, value))
    : [`--options ${quoted(JSON.stringify(options))}`];
  return ['toolyard run', tool, ...files, ...flags].join(' ');
}

function isPlain(value: unknown): boolean {
  return ['string', 'number', 'boolean'].includes(typeof value) && !String(value).startsWith('-');
}

function flag(name: string, value: unknown): string {
  const kebab = name
    .replaceAll('_', '-')
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase();
  if (typeof value === 'boolean') return value ? `--${kebab}` : `--no-${kebab}`;
  return `--${kebab} ${quoted(String(value))}`;
}

/** For a shell: as it is where nothing in it means anything. */
function quoted(text: string): string {
  return /^[\w./:@%+,-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
