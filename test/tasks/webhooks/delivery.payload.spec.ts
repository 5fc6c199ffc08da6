import { describe, expect, it } from '@jest/globals';
import type { Task, TaskFile } from '../../../src/tasks/task.entity.js';
import { taskDocument } from '../../../src/tasks/task.document.js';
import { deliveryPayload } from '../../../src/tasks/webhooks/delivery.payload.js';
import { pendingTask } from '../task.rows.js';

const ended = (members: Partial<Task> = {}): Task =>
  pendingTask({ status: 'completed', finishedAt: new Date('2026-11-22T10:00:00.123Z'), ...members });

const file = (name: string): TaskFile => ({ file_id: crypto.randomUUID(), name, type: 'a/b', size: 1, sha256: 'ab' });
const long = 'ü'.repeat(12_000);

describe('what is sent', () => {
  it('is the event, when it was, and the document of the task', () => {
    const task = ended({ data: { pages: 3 }, tag: 'mine' });

    expect(JSON.parse(deliveryPayload('task.completed', task))).toEqual({
      type: 'task.completed',
      timestamp: '2026-11-22T10:00:00.123Z',
      data: taskDocument(task),
    });
  });

  it.each([
    ['data', ended({ data: long, options: { a: 'b' } }), ['data']],
    ['options', ended({ data: 1, options: { a: long } }), ['data', 'options']],
    ['inputs', ended({ inputs: [file(long)], outputs: [file('a')] }), ['data', 'options', 'inputs']],
    ['outputs', ended({ outputs: [file(long)] }), ['data', 'options', 'inputs', 'outputs']],
    ['all of it', ended({ tag: long }), ['*']],
  ])('has less than 20 kB, and says what is not in it: too much %s', (_, task, omitted) => {
    const payload = deliveryPayload('task.completed', task);

    expect(Buffer.byteLength(payload)).toBeLessThan(20_000);
    expect(JSON.parse(payload)).toMatchObject({ data: { task_id: task.id, status: 'completed' }, omitted });
  });
});
