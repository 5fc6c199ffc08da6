import { describe, expect, it } from '@jest/globals';
import { judgeEndings } from '../../faults/checker/endings.ts';
import type { FindingKind } from '../../faults/checker/finding.ts';
import type { TaskRow } from '../../faults/checker/rows.ts';
import { judgeTasks } from '../../faults/checker/tasks.ts';
import { type Expected, History } from '../../faults/history.ts';

const GOOD: TaskRow = {
  id: 'a',
  tag: 'I1-1',
  status: 'completed',
  attempt: 1,
  data: { message: 'hello' },
  inputs: [],
  outputs: [],
  error: null,
  leaseOwner: null,
};

const EXPECTED: Expected = { status: 'completed', data: { message: 'hello' } };

/** One accepted task, and what clients saw of it. */
function history(expected: Expected = EXPECTED, seen: readonly (readonly [string, string | null])[] = []): History {
  const made = new History();
  made.acknowledged.push({ id: 'a', tag: 'I1-1', expected });
  for (const [status, finishedAt] of seen) made.saw({ id: 'a', status, finishedAt });
  return made;
}

/** Of a server's log. */
const line = (id: string, msg: string): string => JSON.stringify({ task_id: id, msg });

const kinds = (of: History, rows: readonly TaskRow[]): FindingKind[] => judgeTasks(of, rows).map(({ kind }) => kind);

describe('the judge of tasks', () => {
  it('finds nothing where nothing is wrong', () => {
    const seen = [
      ['pending', null],
      ['processing', null],
      ['pending', null],
      ['processing', null],
      ['completed', 'noon'],
      ['completed', 'noon'],
    ] as const;

    expect(judgeTasks(history(EXPECTED, seen), [GOOD])).toEqual([]);
  });

  it('finds the loss of a task that has no row', () => {
    expect(kinds(history(), [])).toEqual(['lost']);
  });

  it.each(['pending', 'processing'])('finds the loss of a task that stays %s', (status) => {
    expect(kinds(history(), [{ ...GOOD, status }])).toEqual(['lost']);
  });

  it('finds the loss of a task whose answer never came', () => {
    expect(kinds(history(), [GOOD, { ...GOOD, id: 'b', tag: 'I1-2', status: 'pending' }])).toEqual(['lost']);
  });

  it('lets a task be whose answer never came and that ended', () => {
    expect(kinds(history(), [GOOD, { ...GOOD, id: 'b', tag: 'I1-2' }])).toEqual([]);
  });

  it('finds a request that made two tasks', () => {
    expect(kinds(history(), [GOOD, { ...GOOD, id: 'b' }])).toEqual(['duplicated']);
  });

  it('finds a task that failed and should not have', () => {
    const failed = { ...GOOD, status: 'failed', error: { code: 'worker_lost' } };

    const [found] = judgeTasks(history(), [failed]);

    expect(found?.kind).toBe('wrong');
    expect(found?.what).toContain('worker_lost');
  });

  it('finds a failure with another code than promised', () => {
    const expected = { status: 'failed', codes: ['tool_timeout'] } as const;
    const failed = { ...GOOD, status: 'failed', data: null };

    expect(kinds(history(expected), [{ ...failed, error: { code: 'tool_timeout' } }])).toEqual([]);
    expect(kinds(history(expected), [{ ...failed, error: { code: 'internal' } }])).toEqual(['wrong']);
    expect(kinds(history(expected), [failed])).toEqual(['wrong']);
  });

  it.each([
    ['an answer that is not the recomputed one', { data: { message: 'other' } }],
    ['an output too many', { outputs: [{ file_id: 'f', sha256: '00' }] }],
    ['a lease that nobody gave back', { leaseOwner: 'host:1:x' }],
  ])('finds %s', (_, change) => {
    expect(kinds(history(), [{ ...GOOD, ...change }])).toEqual(['wrong']);
  });

  it('finds an output that is not the recomputed one', () => {
    const expected = { status: 'completed', outputs: ['11'] } as const;
    const row = (sha256: string) => ({ ...GOOD, outputs: [{ file_id: 'f', sha256 }] });

    expect(kinds(history(expected), [row('11')])).toEqual([]);
    expect(kinds(history(expected), [row('12')])).toEqual(['wrong']);
    expect(kinds(history(expected), [GOOD])).toEqual(['wrong']);
  });

  it.each(['pending', 'processing'])('finds that a finished task was seen %s afterwards', (status) => {
    const seen = [
      ['completed', 'noon'],
      [status, null],
    ] as const;

    expect(kinds(history(EXPECTED, seen), [GOOD])).toEqual(['wrong']);
  });

  it.each([
    ['another end', 'cancelled', 'noon'],
    ['the same end at another time', 'completed', 'midnight'],
  ])('finds %s after the end', (_, status, finishedAt) => {
    const seen = [
      ['completed', 'noon'],
      [status, finishedAt],
    ] as const;

    expect(kinds(history(EXPECTED, seen), [GOOD])).toEqual(['duplicated']);
  });
});

describe('a history', () => {
  it('knows which tasks nobody has seen finished', () => {
    const made = history();
    const before = made.unfinished().map(({ id }) => id);

    made.saw({ id: 'a', status: 'failed', finishedAt: 'noon' });

    expect(before).toEqual(['a']);
    expect(made.unfinished()).toEqual([]);
  });
});

describe('the judge of the log', () => {
  it('finds a task that was ended twice', () => {
    const log = [line('a', 'completed'), line('b', 'completed'), line('a', 'Its worker was lost: failed')].join('\n');

    const found = judgeEndings(log);

    expect(found.map(({ kind }) => kind)).toEqual(['duplicated']);
    expect(found[0]?.what).toContain('task a');
  });

  it('takes nothing else for an end', () => {
    const log = [line('a', 'completed'), line('a', 'was taken away'), line('a', 'is tried again'), 'no JSON'].join(
      '\n',
    );

    expect(judgeEndings(log)).toEqual([]);
  });
});
