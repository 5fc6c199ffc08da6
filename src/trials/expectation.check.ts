import type { Expectation } from './case.schema.js';
import { type Fault, shown } from './fault.js';
import { missingFrom } from './json.subset.js';
import type { MadeFile, Ended } from './trial.js';
import { checkOutput } from './output.check.js';

/** All that a run did not end as it was expected to. @param directory the plugin's */
export async function checkExpectation(wanted: Expectation, ended: Ended, directory: string): Promise<Fault[]> {
  // Whatever else is wrong follows from this.
  if (wanted.status !== ended.status) return [{ where: 'status', expected: wanted.status, found: endingOf(ended) }];
  return [
    ...wrongError(wanted, ended),
    ...('data' in wanted && wanted.data !== undefined ? missingFrom(wanted.data, ended.data, 'data') : []),
    ...(await wrongOutputs(wanted, ended.outputs, directory)),
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

async function wrongOutputs({ outputs }: Expectation, made: readonly MadeFile[], directory: string): Promise<Fault[]> {
  if (outputs === undefined) return [];
  if (outputs.length !== made.length) {
    const found = [`${made.length}`, ...made.map(({ name }) => name)].join(', ');
    return [{ where: 'outputs', expected: String(outputs.length), found }];
  }
  const faults = [];
  for (const [index, file] of made.entries()) {
    const where = `output ${index + 1} (${file.name})`;
    faults.push(...(await checkOutput(outputs[index] ?? {}, file, where, directory)));
  }
  return faults;
}
