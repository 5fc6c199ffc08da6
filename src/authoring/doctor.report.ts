import type { Check } from './doctor.js';

/** A line for each check, and one that mends it where something is missing. */
export function doctorLines(checks: readonly Check[]): string[] {
  const width = Math.max(...checks.map(({ name }) => name.length));
  const lines = checks.flatMap(({ name, present, essential, version, note, mend }) => {
    const state = present ? 'present' : essential ? 'MISSING' : 'missing';
    const about = [version, note].filter((part) => part !== null).join(', ');
    return [`${state}  ${name.padEnd(width)}  ${about}`, ...(mend === null ? [] : [`         ${mend}`])];
  });
  return [...lines, verdict(checks)];
}

/** Whether tools can run here at all. */
export function isFit(checks: readonly Check[]): boolean {
  return checks.every(({ present, essential }) => present || !essential);
}

function verdict(checks: readonly Check[]): string {
  if (!isFit(checks)) return 'Something essential is missing: tools cannot run here.';
  const missing = checks.filter(({ present }) => !present).length;
  if (missing === 0) return 'Everything is here.';
  return `Tools run here. What is missing (${missing}) only some tools need, which are listed as unavailable.`;
}
