import { Problem } from '../errors/problem.js';
import type { ProblemCode } from '../errors/problem.catalogue.js';
import { type ErrorDocument, errorDocument } from '../errors/problem.document.js';
import type { Limit } from './limits.js';
import type { Outcome, Stopped } from './outcome.js';

const LIMITS: Readonly<Record<Limit, readonly [ProblemCode, string]>> = {
  memory: ['tool_out_of_memory', 'The tool needed more memory than it may have'],
  cpu: ['tool_cpu_exceeded', 'The tool used more processor time than it may'],
  processes: ['too_many_processes', 'The tool started more processes than it may'],
  workspace: ['workspace_full', 'The tool wrote more to its workspace than it may'],
  output: ['output_too_large', 'The tool printed more than it may'],
};

/** What a task says whose tool met a limit. */
export function limitError({ limit, stopped }: Outcome & { type: 'exceeded' }): ErrorDocument {
  const [code, sentence] = LIMITS[limit];
  return stoppedError(code, `${sentence} and was ended`, stopped);
}

/** What a task says whose tool took too long. */
export function lateError(type: 'timed_out' | 'stalled', stopped: Stopped): ErrorDocument {
  return type === 'stalled'
    ? stoppedError('tool_stalled', 'The tool made no progress and was ended', stopped)
    : stoppedError('tool_timeout', 'The tool did not finish in time and was ended', stopped);
}

function stoppedError(code: ProblemCode, sentence: string, { signal, afterMs }: Stopped): ErrorDocument {
  const how = signal === null ? '' : ` by ${signal} after ${afterMs} ms`;
  return errorDocument(new Problem(code, `${sentence}${how}.`), null, { signal, after_ms: afterMs });
}
