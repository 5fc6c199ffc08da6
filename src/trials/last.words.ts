import { stripVTControlCharacters } from 'node:util';
import type { LogLine } from '../sandbox/run.js';

const MOST_LINES = 20;
const LONGEST_LINE = 500;

/** The end of what a tool has logged and printed: what its author looks at first when a case fails. */
export class LastWords {
  private lines: readonly string[] = [];

  hear({ level, source, message }: LogLine): void {
    const said = source === 'tool' ? `${level}: ${message}` : message;
    const lines = stripVTControlCharacters(said).trimEnd().split('\n');
    this.lines = [...this.lines, ...lines.map((line) => line.slice(0, LONGEST_LINE))].slice(-MOST_LINES);
  }

  /** Line by line; null when it said nothing. */
  get text(): string | null {
    return this.lines.length === 0 ? null : this.lines.join('\n');
  }
}
