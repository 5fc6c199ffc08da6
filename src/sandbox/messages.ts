import type { InputFile, OutputFile } from '../sdk/index.js';

/** What one run needs to know. */
export interface RunRequest {
  /** Names the run to other systems. Undefined: one is made up. */
  readonly id?: string;
  /** Name of the tool's file in the plugin's directory. */
  readonly tool: string;
  readonly inputs: readonly InputFile[];
  readonly options: Readonly<Record<string, unknown>>;
  /** Absolute path of the directory that the tool may write to. It lies in the `out` directory of the slot. */
  readonly workspace: string;
}

export type ParentMessage =
  | { readonly type: 'describe'; readonly tools: readonly string[] }
  /** A file in the plugin's directory. */
  | { readonly type: 'yaml'; readonly file: string }
  | { readonly type: 'run'; readonly run: number; readonly request: RunRequest }
  | { readonly type: 'rest' }
  | { readonly type: 'abort'; readonly run: number };

/** What the child says of the run's cost. */
export interface ChildUsage {
  readonly cpuMs: number;
  readonly maxRssBytes: number;
}

export type LogLevel = 'info' | 'warn' | 'error';

/**
 * `run` is the number that the parent gave, so that a late word of one run is not taken for a word of the next. `tidy`:
 * nothing goes on that this run, or one before, began.
 */
export type ChildMessage =
  | { readonly type: 'ready' }
  | { readonly type: 'described'; readonly description: unknown }
  | { readonly type: 'yaml'; readonly file: unknown }
  | { readonly type: 'rested'; readonly tidy: boolean }
  | { readonly type: 'progress'; readonly run: number; readonly ratio: number; readonly message: string | null }
  | { readonly type: 'log'; readonly run: number; readonly level: LogLevel; readonly message: string }
  | {
      readonly type: 'done';
      readonly run: number;
      readonly outputs: readonly OutputFile[];
      readonly data?: unknown;
      readonly usage: ChildUsage;
      readonly tidy: boolean;
    }
  | {
      readonly type: 'tool_error';
      readonly run: number;
      readonly code: string;
      readonly message: string;
      readonly usage: ChildUsage;
      readonly tidy: boolean;
    }
  | {
      readonly type: 'crashed';
      readonly run: number;
      readonly reason: string;
      /** Whether it was not this process that failed but the service that does the tool's work. */
      readonly remote: boolean;
    };

/** Characters that are kept of a text: what users read, and what only the log shows. */
const SHORT = 500;
const LONG = 8_000;

/** Letters and digits in words, as the codes of the platform's own faults. */
const CODE = /^[a-z][a-z0-9_]{0,63}$/;

/** Milliseconds between two words of progress that are handed on. */
export const PROGRESS_INTERVAL_MS = 100;

/** What a run may say: bytes at once, bytes per second in the long run, and what each message costs besides its bytes. */
export const TALK = { capacity: 3_000_000, perSecond: 256_000, perMessage: 1_000 } as const;

/** The child trusts its parent, so this only tells the compiler. */
export function isParentMessage(value: unknown): value is ParentMessage {
  return isFields(value) && typeof value.type === 'string';
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * The message, if it is one; its texts are cut. A child is not to be trusted, so each field is looked at,
 * by hand, because this is done for every run.
 */
export function readChildMessage(value: unknown): ChildMessage | undefined {
  if (!isFields(value)) return undefined;
  if (value.type === 'ready') return { type: 'ready' };
  if (value.type === 'described') return { type: 'described', description: value.description };
  if (value.type === 'yaml') return { type: 'yaml', file: value.file };
  if (value.type === 'rested') return { type: 'rested', tidy: value.tidy === true };
  return typeof value.run === 'number' ? readRunMessage(value, value.run) : undefined;
}

function readRunMessage(value: Fields, run: number): ChildMessage | undefined {
  switch (value.type) {
    case 'progress':
      return readProgress(value, run);
    case 'log':
      return readLog(value, run);
    case 'done':
      return readDone(value, run);
    case 'tool_error':
      return readToolError(value, run);
    case 'crashed':
      return readCrash(value, run);
    default:
      return undefined;
  }
}

function readProgress({ ratio, message }: Fields, run: number): ChildMessage | undefined {
  if (typeof ratio !== 'number' || !(ratio >= 0 && ratio <= 1)) return undefined;
  if (message !== null && typeof message !== 'string') return undefined;
  return { type: 'progress', run, ratio, message: message && cutShort(message) };
}

function readLog({ level, message }: Fields, run: number): ChildMessage | undefined {
  if (level !== 'info' && level !== 'warn' && level !== 'error') return undefined;
  return typeof message === 'string' ? { type: 'log', run, level, message: cutLong(message) } : undefined;
}

function readDone({ outputs, data, usage, tidy }: Fields, run: number): ChildMessage | undefined {
  if (!Array.isArray(outputs) || !outputs.every(isOutput) || !isUsage(usage)) return undefined;
  return { type: 'done', run, outputs, data, usage, tidy: tidy === true };
}

function readToolError({ code, message, usage, tidy }: Fields, run: number): ChildMessage | undefined {
  if (typeof code !== 'string' || typeof message !== 'string' || !isUsage(usage)) return undefined;
  const known = CODE.test(code) ? code : 'tool_error';
  return { type: 'tool_error', run, code: known, message: cutShort(message), usage, tidy: tidy === true };
}

function readCrash({ reason, remote }: Fields, run: number): ChildMessage | undefined {
  if (typeof reason !== 'string') return undefined;
  return { type: 'crashed', run, reason: cutLong(reason), remote: remote === true };
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}

function isOutput(value: unknown): value is OutputFile {
  return (
    isFields(value) &&
    typeof value.path === 'string' &&
    (value.name === undefined || typeof value.name === 'string') &&
    value.path.length <= LONG
  );
}

function isUsage(value: unknown): value is ChildUsage {
  return isFields(value) && isAmount(value.cpuMs) && isAmount(value.maxRssBytes);
}

function isAmount(value: unknown): boolean {
  return typeof value === 'number' && value >= 0 && Number.isFinite(value);
}

export function cutShort(text: string): string {
  return cut(text, SHORT);
}

export function cutLong(text: string): string {
  return cut(text, LONG);
}

/** Also takes out what no database keeps as text. */
function cut(text: string, length: number): string {
  const kept = text.length > length ? `${text.slice(0, length)}…` : text;
  return kept.replaceAll('\0', '').toWellFormed();
}
