import { type ConfigVariable, describeConfig } from './config.description.js';

const COMMENT_COLUMNS = 118;

/** `.env.example`: every variable, commented out, with what it does and what holds without it. */
export function renderEnvExample(): string {
  const head = [
    '# Every setting of Toolyard. None must be set. To use this file, copy it to `.env`, take the `#` away where you want',
    '# something else, and start with `node --env-file=.env dist/main.js`. Made by `npm run docs`: do not edit by hand.',
  ];
  return `${[head.join('\n'), ...describeConfig().map(exampleLines)].join('\n\n')}\n`;
}

function exampleLines(variable: ConfigVariable): string {
  const { name, description, values, otherwise, secret } = variable;
  const takes = values === 'text' ? [] : [`Takes ${values}.`];
  const without = otherwise === undefined ? [] : [`Default: ${otherwise}.`];
  const about = [description, ...takes, ...without].join(' ').replaceAll('`', '');
  const assignments = [`#${name}=${variable.default ?? ''}`, ...(secret ? [`#${name}_FILE=`] : [])];
  return [...wrap(about).map((line) => `# ${line}`), ...assignments].join('\n');
}

/** docs/configuration.md: a section for each variable. */
export function renderConfigurationPage(): string {
  const head = `# Configuration

Toolyard is set up by environment variables, read once at start. None must be set: without any, everything runs in one
process on this machine and keeps its data in \`./data\`.

- An empty variable counts as unset.
- A variable marked _secret_ can also come from a file: name the file in the variable with \`_FILE\` added, as Docker and
  Kubernetes do with secrets. Setting both is a fault.
- Relative directories are resolved against the working directory.
- When something is wrong, Toolyard does not start. It prints every variable at fault and why, and never what it holds.
- A variable that looks like a misspelt one of these is named in a warning in the log.

This page and \`.env.example\` are made from the schema in \`src/config/config.ts\` by \`npm run docs\`.`;
  return `${[head, ...describeConfig().map(pageSection)].join('\n\n')}\n`;
}

function pageSection(variable: ConfigVariable): string {
  const { name, description, values, otherwise, secret } = variable;
  const shown = variable.default === undefined ? (otherwise ?? 'none') : `\`${variable.default}\``;
  const facts = [`- Takes ${values}`, `- Default: ${shown}`];
  if (secret) facts.push(`- Secret: \`${name}_FILE\` may name a file that holds it instead`);
  return `## \`${name}\`\n\n${description}\n\n${facts.join('\n')}`;
}

function wrap(text: string): readonly string[] {
  return text.match(new RegExp(`\\S.{0,${COMMENT_COLUMNS - 1}}(?= |$)`, 'g')) ?? [];
}
