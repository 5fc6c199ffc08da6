import type { Sandbox } from '../sandbox/sandbox.js';
import type { Expectation } from './case.schema.js';
import { type Fault, shown } from './fault.js';
import { checkContent } from './content.check.js';
import { missingFrom } from './json.subset.js';
import type { MadeFile, Ended } from './trial.js';
import { checkOutput } from './output.check.js';

/** What a check needs: where files are looked into, and the plugin's directory, with its fixtures. */
export interface CheckGround {
  readonly sandbox: Sandbox;
  readonly directory: string;
}

/** All that is otherwise than it was expected. */
export async function checkExpectation(wanted: Expectation, ended: Ended, ground: CheckGround): Promise<Fault[]> {
  // Whatever else is wrong follows from this.
  if (wanted.status !== ended.status) return [{ where: 'status', expected: wanted.status, found: endingOf(ended) }];
  return [
    ...wrongError(wanted, ended),
    ...('data' in wanted && wanted.data !== undefined ? missingFrom(wanted.data, ended.data, 'data') : []),
    ...(await wrongOutputs(wanted, ended.outputs, ground)),
  ];
}

function endingOf({ status, error, outputs, data }: Ended): string {
  if (error) return `${status}, ${error.code}: ${error.message}`;
  return `${status}, with ${outputs.length === 0 ? `data ${shown(data)}` : outputs.map(({ name }) => name).join(', ')}`;
}

function wrongError({ error, message }: Expectation, ended: Ended): Fault[] {
  const { code = 'none', message: words = '' } = ended.error ?? {};
  return [
    ...(error === undefined || error === code ? [] : [{ where: 'error', expected: error, found: `${code}: ${words}` }]),
    ...(message === undefined || words.includes(message)
      ? []
      : [{ where: 'message', expected: `one with ${shown(message)}`, found: shown(words) }]),
  ];
}

async function wrongOutputs(
  { outputs }: Expectation,
  made: readonly MadeFile[],
  ground: CheckGround,
): Promise<Fault[]> {
  if (outputs === undefined) return [];
  if (outputs.length !== made.length) {
    const found = [`${made.length}`, ...made.map(({ name }) => name)].join(', ');
    return [{ where: 'outputs', expected: String(outputs.length), found }];
  }
  const faults = [];
  for (const [index, file] of made.entries()) {
    const where = `output ${index + 1} (${file.name})`;
    const wanted = outputs[index] ?? {};
    faults.push(...(await checkOutput(wanted, file, where, ground.directory)));
    faults.push(...(await checkContent(wanted, file, where, ground)));
  }
  return faults;
}
