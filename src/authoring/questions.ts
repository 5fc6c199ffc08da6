import type { Option as Choice } from '@clack/prompts';
import { answerTo, type Question } from './asking.js';
import { type Blueprint, KINDS, nameSchema, sentence, titleFrom } from './blueprint.js';

/** What was said on the command line. */
export interface Said {
  readonly name?: string | undefined;
  readonly kind?: string | undefined;
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  readonly license?: string | undefined;
  readonly fromCommand?: string | undefined;
}

const DESCRIPTION = 'Keeps the lines of a text that have a word.';
const LICENSE = 'MIT';

/** What is made, and of which command when it is one. */
export type Wanted = Blueprint & { readonly command: string | undefined };

const KIND_CHOICES: Choice<Blueprint['kind']>[] = [
  { value: 'class', label: 'a class', hint: 'TypeScript, with any package of npm' },
  { value: 'command', label: 'a command', hint: 'a program of the system, in a few lines of YAML' },
];

/**
 * What is to be made. What was not said is asked, where there is somebody to answer, and else takes what is usual.
 *
 * @throws Error when a name is missing or not one, or when the author has no wish to go on
 */
export async function blueprintFrom(said: Said, asks: boolean): Promise<Wanted> {
  const answers = asks ? await ask(said) : said;
  const name = answers.name ?? missingName();
  const fault = nameFault(name);
  if (fault !== undefined) throw new Error(`The name ${fault}.`);
  const kind =
    KINDS.find((known) => known === answers.kind) ?? (answers.fromCommand === undefined ? 'class' : 'command');
  const command = kind === 'command' ? (answers.fromCommand ?? missingCommand()) : undefined;
  return {
    name,
    kind,
    command,
    title: answers.title ?? titleFrom(name),
    description: sentence(answers.description ?? usualDescription(answers.fromCommand)),
    license: answers.license ?? LICENSE,
  };
}

function missingCommand(): never {
  throw new Error('A command is missing: --from-command "qpdf --linearize in.pdf out.pdf"');
}

function usualDescription(command: string | undefined): string {
  return command === undefined ? DESCRIPTION : `Runs ${command.trim().split(/\s/)[0]} on a file`;
}

function missingName(): never {
  throw new Error('A name is missing: toolyard plugin new text-case');
}

function nameFault(name: string | undefined): string | undefined {
  return nameSchema.safeParse(name ?? '').error?.issues[0]?.message;
}

async function ask(said: Said): Promise<Said> {
  const { select, text } = await import('@clack/prompts');
  const name =
    said.name ??
    (await answer<string>((asked) =>
      text({ message: 'Name', placeholder: 'text-case', validate: nameFault, ...asked }),
    ));
  const kind =
    said.kind ??
    (said.fromCommand === undefined
      ? await answer<string>((asked) => select({ message: 'Made of', options: KIND_CHOICES, ...asked }))
      : 'command');
  const fromCommand = said.fromCommand ?? (kind === 'command' ? await askForCommand() : undefined);
  const described = usual(usualDescription(fromCommand));
  const description =
    said.description ??
    (await answer<string>((asked) => text({ message: 'What it does, in a sentence', ...described, ...asked })));
  const license =
    said.license ?? (await answer<string>((asked) => text({ message: 'Licence', ...usual(LICENSE), ...asked })));
  return { ...said, name, kind, fromCommand, description, license };
}

async function askForCommand(): Promise<string> {
  const { text } = await import('@clack/prompts');
  return answer<string>((asked) =>
    text({ message: 'A command that works', placeholder: 'qpdf --linearize in.pdf out.pdf', ...asked }),
  );
}

function usual(value: string): { defaultValue: string; placeholder: string } {
  return { defaultValue: value, placeholder: value };
}

function answer<Value>(question: Question<Value>): Promise<Value> {
  return answerTo(question, 'Nothing was written.');
}
