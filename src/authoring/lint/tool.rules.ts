import { stemOf } from '../../plugins/tool.file.js';
import type { CaseFile } from '../../trials/case.file.js';
import type { DescriptionFault, ToolDescription } from '../../sandbox/tool.description.js';
import type { PluginPermissions } from '../../sandbox/plugin.code.js';
import { type Finding, lineOf, literally } from './finding.js';
import type { Folder } from './sources.js';

const README = 'README.md';
const THROWN_CODE = /\bnew ToolError\(\s*(['"])(\w+)\1/g;
const DECLARED_CODE = /\bcode:\s*(['"]?)(\w+)\1/g;

/** A tool that cannot be loaded has nothing else to be judged by. */
export function brokenFinding({ file, place, reason }: DescriptionFault): Finding {
  const mend = 'Mend it: the platform lists it with this reason.';
  const at = place ?? { file: file ?? 'package.json', line: null };
  return { rule: 'broken-tool', ...at, sentence: reason, mend };
}

export function toolFindings(tool: ToolDescription, granted: PluginPermissions): Finding[] {
  const { file, name, title, description, requires } = tool;
  const found = (rule: string, sentence: string, mend: string): Finding => ({ rule, file, line: null, sentence, mend });
  return [
    ...(stemOf(file) === name
      ? []
      : [found('file-name', `The tool ${name} is in ${file}.`, `Call the file ${name}.tool.ts.`)]),
    ...(/^[^\p{Ll}].*[^.]$/u.test(title)
      ? []
      : [
          found(
            'tool-title',
            `The title “${title}” is no heading.`,
            'Begin it with a capital letter, and end it without a full stop.',
          ),
        ]),
    ...(/[.!?]$/.test(description)
      ? []
      : [found('tool-description', 'The description of the tool is no sentence.', 'End it with a full stop.')]),
    ...requires
      .filter((program) => !granted.exec.includes(program))
      .map((program) =>
        found('undeclared-exec', `It requires ${program}.`, `Name ${program} in toolyard.permissions.exec.`),
      ),
  ];
}

/** At least one case for each tool, and only such as can be run. */
export function caseFindings(tools: readonly ToolDescription[], files: readonly CaseFile[]): Finding[] {
  const faults = files.flatMap((found) =>
    found.faults.map(({ file, line, reason }) => ({
      rule: 'cases',
      file,
      line,
      sentence: reason,
      mend: 'docs/plugins/testing.md has every word.',
    })),
  );
  const untried = tools.filter(
    ({ file }) => !files.some(({ stem, cases }) => cases.length > 0 && file.startsWith(`${stem}.tool.`)),
  );
  return [
    ...faults,
    ...untried
      .filter(({ file }) => !faults.some((fault) => fault.file.startsWith(file.split('.')[0] ?? file)))
      .map(({ name, file }) => ({
        rule: 'cases',
        file,
        line: null,
        sentence: `The tool ${name} has no case.`,
        mend: `Write one in ${file.split('.')[0]}.cases.yaml.`,
      })),
  ];
}

/** README.md names each tool, and each code that a user can meet. */
export function readmeFindings(folder: Folder, tools: readonly ToolDescription[]): Finding[] {
  const { readme, sources } = folder;
  if (readme === null)
    return [
      {
        rule: 'readme',
        file: README,
        line: null,
        sentence: 'There is no README.md.',
        mend: 'Write one.',
        fix: () => tools.map(chapter).join('\n\n'),
      },
    ];
  const silent = tools.filter(({ name }) => !readme.includes(`\`${name}\``));
  const codes = sources.flatMap(({ file, code }) =>
    [...code.matchAll(file.endsWith('.yaml') ? DECLARED_CODE : THROWN_CODE)].map((found) => ({
      file,
      code: found[2] ?? '',
      text: code,
    })),
  );
  const unnamed = [...new Map(codes.map((found) => [found.code, found])).values()].filter(
    ({ code }) => !readme.includes(`\`${code}\``),
  );
  return [
    ...silent.map((tool) => ({
      rule: 'readme',
      file: README,
      line: null,
      sentence: `README.md does not name the tool ${tool.name}.`,
      mend: `Add a chapter on \`${tool.name}\`.`,
      fix: (text: string) => `${text.trimEnd()}\n\n${chapter(tool)}\n`,
    })),
    ...unnamed.map(({ file, code, text }) => ({
      rule: 'readme-codes',
      file,
      line: lineOf(text, new RegExp(`(?:ToolError\\(|code:)\\s*['"]?${literally(code)}\\b`)),
      sentence: `README.md does not explain the code ${code}.`,
      mend: `Add \`${code}\` to its table of codes.`,
    })),
  ];
}

function chapter({ name, description }: ToolDescription): string {
  return `## \`${name}\`\n\n${description}`;
}
