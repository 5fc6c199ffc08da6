import { ToolError, type ToolRun } from 'toolyard/sdk';
import { runProgram } from './failure.ts';

/** Data that is no language: it tells which way is up, and where formulas are. */
const NO_LANGUAGES: readonly string[] = ['osd', 'equ'];

/** The languages that tesseract has data for on this machine, as it calls them: `eng`, `deu`, `chi_sim`, `script/Latin`. */
export async function installedLanguages(run: ToolRun): Promise<string[]> {
  const { stdout, stderr } = await runProgram(run, 'tesseract', ['--list-langs']);
  return `${stdout}\n${stderr}`
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => /^[A-Za-z][\w/]*$/.test(line) && !NO_LANGUAGES.includes(line))
    .toSorted();
}

/** Throws ToolError when one of them is not installed. */
export async function requireLanguages(run: ToolRun, wanted: readonly string[]): Promise<void> {
  const installed = await installedLanguages(run);
  const missing = wanted.find((language) => !installed.includes(language));
  if (missing === undefined) return;
  throw new ToolError(
    'language_missing',
    `The language ${missing} is not installed here. There is ${installed.join(', ') || 'none'}.`,
  );
}
