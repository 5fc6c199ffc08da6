import { CLASS_NAMES } from './tool.torture.js';
import { attemptsIn, type ToolResult, type TortureReport } from './torture.report.js';

/** Characters of the first column. */
const NAME_WIDTH = 26;

/** The report for the terminal: what is wrong, a table of tools and classes, and how to do the same again. */
export function linesOfTorture(report: TortureReport, seconds: number): string[] {
  const { seed, tools, attempts, faults, ms, completed, refused, stopped, crashed } = report;
  const heads = CLASS_NAMES.map((name) => name.padStart(name.length + 2));
  return [
    ...tools.flatMap((tool) => faultLines(tool, seed)),
    `${'tool'.padEnd(NAME_WIDTH)}${heads.join('')}`,
    ...tools.map((tool) => tableLine(tool, heads)),
    '',
    `${tools.length} tools, ${attempts} attempts, ${faults} faults, in ${Math.round(ms / 1_000)} s`,
    `${completed} completed, ${refused} refused with a code, ${stopped} stopped at a limit, ${crashed} crashed`,
    `In each place: attempts, and after ✗ the faults. Seed ${seed}; ${seconds} s a tool.`,
  ];
}

function tableLine({ tool, classes, faults, skipped }: ToolResult, heads: readonly string[]): string {
  const name = tool.padEnd(NAME_WIDTH);
  if (skipped !== null) return `${name}  skipped: ${skipped}`;
  const cells = CLASS_NAMES.map((name, index) => {
    const result = classes[name];
    const wrong = faults.filter((fault) => fault.class === name).length;
    const text = result ? `${attemptsIn(result)}${wrong > 0 ? ` ✗${wrong}` : ''}` : '–';
    return text.padStart(heads[index]?.length ?? 0);
  });
  return `${name}${cells.join('')}`;
}

function faultLines({ tool, base, faults }: ToolResult, seed: number): string[] {
  if (faults.length === 0) return [];
  return [
    `✗ ${tool}${base === null ? '' : ` (${base})`}`,
    ...faults.flatMap(({ class: name, attempt, found }) => [
      `    ${name}: ${attempt}`,
      ...found.split('\n').map((line) => `      ${line}`),
      ...(base === null
        ? []
        : [`      again: toolyard plugin test --torture --tool ${tool} --class ${name} --seed ${seed}`]),
    ]),
    '',
  ];
}
