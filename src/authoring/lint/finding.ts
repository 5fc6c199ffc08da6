/** Something about a plugin that its author should mend. */
export interface Finding {
  /** Stable, kebab-case: docs/plugins/publishing.md explains each. */
  readonly rule: string;
  /** In the plugin's folder. */
  readonly file: string;
  /** Counted from 1; null when it is the file as a whole, or its absence. */
  readonly line: number | null;
  /** What is wrong, as a sentence. */
  readonly sentence: string;
  /** What mends it, as a sentence. */
  readonly mend: string;
  /** Where there is only one way to mend it: the file's new text, from its old one (empty when there is no file). */
  readonly fix?: (text: string) => string;
}

/** Line of a place in a text, counted from 1. */
export function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}

/** Line of the first match; null when there is none. */
export function lineOf(text: string, pattern: RegExp): number | null {
  const index = text.search(pattern);
  return index === -1 ? null : lineAt(text, index);
}

/** For a pattern that shall match the text itself. */
export function literally(text: string): string {
  return text.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`);
}
