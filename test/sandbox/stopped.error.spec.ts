import { describe, expect, it } from '@jest/globals';
import type { Limit } from '../../src/sandbox/limits.js';
import { lateError, limitError } from '../../src/sandbox/stopped.error.js';

const stopped = { signal: 'SIGKILL', afterMs: 12 } as const;

describe('the error of a run that was ended', () => {
  it.each<[Limit, string]>([
    ['memory', 'tool_out_of_memory'],
    ['cpu', 'tool_cpu_exceeded'],
    ['processes', 'too_many_processes'],
    ['workspace', 'workspace_full'],
    ['output', 'output_too_large'],
  ])('has for the limit of %s the code %s', (limit, code) => {
    const error = limitError({ type: 'exceeded', limit, reason: 'for the log', stopped });

    expect(error).toMatchObject({ type: 'tool_error', code, stopped: { signal: 'SIGKILL', after_ms: 12 } });
    expect(error.message).toMatch(/^The tool .* and was ended by SIGKILL after 12 ms\.$/);
    expect(JSON.stringify(error)).not.toContain('for the log');
  });

  it('says when the tool came back by itself', () => {
    const error = lateError('stalled', { signal: null, afterMs: 3 });

    expect(error).toMatchObject({
      code: 'tool_stalled',
      message: 'The tool made no progress and was ended.',
      stopped: { signal: null, after_ms: 3 },
    });
  });
});
