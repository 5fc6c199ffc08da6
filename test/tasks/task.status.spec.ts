import { describe, expect, it } from '@jest/globals';
import { isTerminal, statusesBefore, TASK_STATUSES, TERMINAL_STATUSES } from '../../src/tasks/task.status.js';

describe('the statuses of a task', () => {
  it('are these five', () => {
    expect(TASK_STATUSES).toEqual(['pending', 'processing', 'completed', 'failed', 'cancelled']);
  });

  it.each([
    ['pending', ['processing']],
    ['processing', ['pending']],
    ['completed', ['processing']],
    ['failed', ['pending', 'processing']],
    ['cancelled', ['pending', 'processing']],
  ] as const)('lets a task become %s only from %j', (to, from) => {
    expect(statusesBefore(to)).toEqual(from);
  });

  it.each([
    ['pending', false],
    ['processing', false],
    ['completed', true],
    ['failed', true],
    ['cancelled', true],
  ] as const)('says whether %s is the last one: %j', (status, terminal) => {
    expect(isTerminal(status)).toBe(terminal);
    expect(TERMINAL_STATUSES.includes(status)).toBe(terminal);
  });

  it('never lets a task leave its last status', () => {
    const left = TASK_STATUSES.flatMap((to) => statusesBefore(to));

    expect(left.filter(isTerminal)).toEqual([]);
  });
});
