import type { RunProgress, RunResult } from '../../client/index.js';

/** One run of the tool, for what is told of it. */
export interface Run {
  /** Of the files. */
  readonly label: string;
}

/** Tells how runs go on: people by a bar, programs by JSON. */
export interface RunReport {
  progress(run: Run, progress: RunProgress): void;
  done(run: Run, result: Pick<RunResult, 'task'>, where: string): void;
  failed(run: Run, error: unknown): void;
}

const BAR = 24;

/** One line that is written anew, on a terminal. */
export function barReport(screen: NodeJS.WriteStream): RunReport {
  const clear = () => screen.write('\r\x1b[K');
  return {
    progress({ label }, { stage, ratio, message }) {
      const filled = Math.round(ratio * BAR);
      const bar = '█'.repeat(filled) + '░'.repeat(BAR - filled);
      const line = `${bar} ${String(Math.round(ratio * 100)).padStart(3)} % ${message ?? stage}  ${label}`;
      screen.write(`\r\x1b[K${printable(line).slice(0, (screen.columns ?? 80) - 1)}`);
    },
    done({ label }, _result, where) {
      clear();
      screen.write(`${printable(label === '' ? where : `${label} → ${where}`)}\n`);
    },
    failed({ label }, error) {
      clear();
      const words = error instanceof Error ? error.message : String(error);
      screen.write(`${printable(label === '' ? words : `${label}: ${words}`)}\n`);
    },
  };
}

/** One JSON document a line. Progress is told when the stage or a hundredth has changed. */
export function lineReport(write: (line: string) => void): RunReport {
  const last = new Map<Run, string>();
  const tell = (document: object) => write(JSON.stringify(document));
  return {
    progress(run, { stage, ratio, message, task }) {
      const state = `${stage} ${Math.round(ratio * 100)} ${message}`;
      if (last.get(run) === state) return;
      last.set(run, state);
      tell({ event: 'progress', input: run.label, stage, ratio, message, task_id: task?.task_id ?? null });
    },
    done(run, { task }, where) {
      tell({ event: 'completed', input: run.label, task_id: task.task_id, output: where, data: task.data });
    },
    failed(run, error) {
      const { message, code, task } = errorOf(error);
      tell({ event: 'failed', input: run.label, task_id: task?.task_id ?? null, code, message });
    },
  };
}

function errorOf(error: unknown): { message: string; code: string; task?: { task_id: string } } {
  const message = error instanceof Error ? error.message : String(error);
  return { code: 'usage', ...(typeof error === 'object' ? error : {}), message };
}

/** Names of files can hold what steers a terminal. */
function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}]/gu, '\u{FFFD}');
}
