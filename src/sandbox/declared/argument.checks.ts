import type { Part } from './argument.template.js';
import { canBeAbsent, type DeclaredOption } from './declaration.options.js';
import type { CommandDeclaration } from './declaration.schema.js';
import type { ReadDeclaration } from './declaration.js';

type Path = readonly PropertyKey[];

/** What can be known to be wrong with arguments before anything runs. Each check throws ToolFault. */
export class ArgumentChecks {
  constructor(
    private readonly declaration: CommandDeclaration,
    private readonly fault: ReadDeclaration['fault'],
  ) {}

  /** Whether all values that the option can have stand in the declaration. */
  isAuthors(option: string): boolean {
    return this.declaration.options[option]?.type === 'enum';
  }

  attempt<Value>(at: Path, work: () => Value): Value {
    try {
      return work();
    } catch (error) {
      throw this.fault(at, error instanceof Error ? error.message : String(error));
    }
  }

  condition(name: string, is: unknown, at: Path): void {
    const option = this.option(name, [...at, 'when']);
    const isKnown = option.type !== 'enum' || is === undefined || option.values.some((value) => value === is);
    if (!isKnown) throw this.fault([...at, 'is'], `it is not one of the values of ${name}`);
  }

  /** @param given the option that is known to have a value there */
  argument(parts: readonly Part[], at: Path, given: string | undefined): void {
    for (const [index, part] of parts.entries()) {
      if (typeof part === 'string') continue;
      if (part.kind === 'inputs' && parts.length > 1)
        throw this.fault(at, '{inputs} is one argument for each file, so nothing may stand beside it');
      if (part.kind === 'output') this.output(part.output, at);
      if (part.kind === 'input') this.input(part.number, at);
      if (part.kind === 'option') this.value(part.option, parts.slice(0, index), at, given);
    }
  }

  private value(name: string, before: readonly Part[], at: Path, given: string | undefined): void {
    const option = this.option(name, at);
    if (option.type === 'boolean')
      throw this.fault(at, `${name} is true or false: put its argument under when: ${name}`);
    if (canBeAbsent(option) && given !== name)
      throw this.fault(at, `${name} may have no value: put its argument under when: ${name}, or give it a default`);
    if (option.type === 'string' && before.length > 0 && before.every(isDashes))
      throw this.fault(at, `${name} would become the name of a switch`);
    if ('minimum' in option && option.minimum < 0 && before.length === 0)
      throw this.fault(
        at,
        `${name} can be negative, and would look like a switch: join it to its own, as --x={option:${name}}`,
      );
  }

  private option(name: string, at: Path): DeclaredOption {
    const option = Object.hasOwn(this.declaration.options, name) ? this.declaration.options[name] : undefined;
    if (!option) throw this.fault(at, `there is no option ${name}`);
    return option;
  }

  private input(number: number, at: Path): void {
    const most = this.declaration.limits.max_inputs ?? 1;
    if (number > most) throw this.fault(at, `there is no input ${number}: limits.max_inputs is ${most}`);
  }

  private output(name: string | undefined, at: Path): void {
    const names = this.declaration.outputs.map((output) => ('file' in output ? output.file : output.directory));
    if (name === undefined && names.length !== 1)
      throw this.fault(at, `{output} is the only output, and there are ${names.length}: say {output:…}`);
    if (name !== undefined && !names.includes(name)) throw this.fault(at, `there is no output ${name}`);
  }
}

function isDashes(part: Part): boolean {
  return typeof part === 'string' && /^-+$/.test(part);
}
