/** One expectation that was not met. */
export interface Fault {
  /** Where, in words: `status`, `data.width`, `output 1 (a.png): sha256`. */
  readonly where: string;
  readonly expected: string;
  readonly found: string;
}

const MAX_SHOWN = 300;

/** A value for people: JSON, cut where it becomes long. */
export function shown(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}
