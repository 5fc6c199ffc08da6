import { describe, expect, it } from '@jest/globals';
import { ANSWER_MS, judgeAnswers } from '../../faults/checker/answers.ts';
import { judgeFiles, type Kept } from '../../faults/checker/files.ts';
import type { FindingKind } from '../../faults/checker/finding.ts';
import { judgeRecovery } from '../../faults/checker/recovery.ts';
import type { FileRow, TaskRow } from '../../faults/checker/rows.ts';

const FILE: FileRow = { id: 'f', sha256: '11', stored: true, purged: false };
const BYTES = { name: 'f', sha256: '11' };
const KEPT: Kept = { files: [FILE], tasks: [], stored: [BYTES], sent: new Set(['11']) };
const TASK: TaskRow = {
  id: 'a',
  tag: null,
  status: 'completed',
  attempt: 1,
  data: null,
  inputs: [],
  outputs: [{ file_id: 'f', sha256: '11' }],
  error: null,
  leaseOwner: null,
};

const kinds = (change: Partial<Kept>): FindingKind[] => judgeFiles({ ...KEPT, ...change }).map(({ kind }) => kind);

describe('the judge of files', () => {
  it.each<[string, Partial<Kept>]>([
    ['what a client sent', {}],
    ['what a task has made', { tasks: [TASK], sent: new Set() }],
    ['a record of what was purged', { files: [{ ...FILE, purged: true }], stored: [] }],
  ])('lets %s be', (_, change) => {
    expect(kinds(change)).toEqual([]);
  });

  it.each<[string, Partial<Kept>, FindingKind]>([
    ['a row without its bytes', { stored: [] }, 'lost'],
    ['bytes without a row', { files: [] }, 'file'],
    ['a part of an upload', { stored: [BYTES, { name: 'f.part', sha256: '12' }] }, 'file'],
    ['a row that was begun and given up', { files: [{ ...FILE, stored: false }], stored: [] }, 'file'],
    ['bytes that should be purged', { files: [{ ...FILE, purged: true }] }, 'file'],
    ['other bytes than the row says', { stored: [{ name: 'f', sha256: '12' }] }, 'wrong'],
    ['an output that no task names', { sent: new Set<string>() }, 'file'],
    ['an output of a task that has no row', { files: [], stored: [], tasks: [TASK] }, 'lost'],
  ])('finds %s', (_, change, kind) => {
    expect(kinds(change)).toEqual([kind]);
  });
});

const answer = (ms: number) => ({ request: 'GET /ready', status: 503, ms });

describe('the judge of answers', () => {
  it('finds those that came too late, refusals too', () => {
    const found = judgeAnswers([answer(ANSWER_MS), answer(ANSWER_MS + 1)]);

    expect(found.map(({ kind }) => kind)).toEqual(['late']);
  });
});

describe('the judge of recovery', () => {
  it('finds one that took too long', () => {
    const judged = [9.9, 10, 10.1].map((seconds) => judgeRecovery({ seconds, limit: 10 }).length);

    expect(judged).toEqual([0, 0, 1]);
    expect(judgeRecovery(undefined)).toEqual([]);
  });
});
