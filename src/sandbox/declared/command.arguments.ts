import { ToolError } from '../../sdk/index.js';
import { type Part, parseArgument } from './argument.template.js';
import type { ArgumentChecks } from './argument.checks.js';
import type { DeclaredArgument } from './declaration.schema.js';
import type { TextRule } from './declaration.options.js';

/** A program would take it for a switch, or end a line where nobody sees it. */
export const ARGUMENT_TEXT: TextRule = {
  pattern: /^(?!-)\P{Cc}*$/u,
  error: 'must not begin with - and must have no control characters',
};

/** What a run puts into the arguments. */
export interface ArgumentValues {
  /** Absolute paths. */
  readonly inputs: readonly string[];
  /** Absolute path of the output with this name, or of the only one. */
  readonly output: (name: string | undefined) => string;
  readonly options: Readonly<Record<string, unknown>>;
}

interface Choice {
  readonly when: string;
  readonly is: unknown;
  readonly yes: readonly Part[][];
  readonly no: readonly Part[][];
}

/** The arguments of a program as its tool declares them: parsed and checked once, filled in for each run. */
export class CommandArguments {
  private readonly items: readonly (Part[] | Choice)[];

  /** @throws ToolFault */
  constructor(
    declared: readonly DeclaredArgument[],
    private readonly checks: ArgumentChecks,
  ) {
    this.items = declared.map((item, index) => this.read(item, index));
  }

  /** One string for each argument of the program. @throws ToolError when a value cannot be one */
  lineFor(values: ArgumentValues): string[] {
    return this.items
      .flatMap((item) => ('when' in item ? chosen(item, values.options) : [item]))
      .flatMap((parts) => this.argument(parts, values));
  }

  private read(item: DeclaredArgument, index: number): Part[] | Choice {
    const at = ['command', 'args', index];
    if (typeof item === 'string') return this.template(item, at, undefined);
    const { when, is, args: yes, otherwise: no } = item;
    this.checks.condition(when, is, at);
    return {
      when,
      is,
      yes: yes.map((text, number) => this.template(text, [...at, 'args', number], when)),
      no: no.map((text, number) => this.template(text, [...at, 'otherwise', number], undefined)),
    };
  }

  private template(text: string, at: readonly PropertyKey[], given: string | undefined): Part[] {
    const parts = this.checks.attempt(at, () => parseArgument(text));
    this.checks.argument(parts, at, given);
    return parts;
  }

  private argument(parts: readonly Part[], values: ArgumentValues): readonly string[] {
    const [first] = parts;
    if (typeof first === 'object' && first.kind === 'inputs') return values.inputs;
    const filled = parts.map((part) => (typeof part === 'string' ? part : valueOf(part, values))).join('');
    // What stands in the declaration may be a switch. What a user sends may not become one, however it is put together.
    const isOurs = typeof first !== 'object' || first.kind !== 'option' || this.checks.isAuthors(first.option);
    if (!isOurs && filled.startsWith('-'))
      throw new ToolError('invalid_options', `Option ${first.option}: must not make an argument that begins with -.`);
    return [filled];
  }
}

function chosen({ when, is, yes, no }: Choice, options: ArgumentValues['options']): readonly Part[][] {
  const value = options[when];
  const holds = is === undefined ? value !== undefined && value !== false : value === is;
  return holds ? yes : no;
}

function valueOf(part: Exclude<Part, string>, { inputs, output, options }: ArgumentValues): string {
  switch (part.kind) {
    case 'input':
      return inputs[part.number - 1] ?? missingInput(part.number);
    case 'output':
      return output(part.output);
    case 'option':
      return String(options[part.option]);
    case 'inputs':
      throw new Error('All inputs cannot be part of one argument.');
    default:
      return part satisfies never;
  }
}

function missingInput(number: number): never {
  throw new ToolError('input_missing', `The tool needs ${number === 1 ? 'a file' : `${number} files`}.`);
}
