import { taskDocument, type TaskDocument } from '../task.document.js';
import type { Task } from '../task.entity.js';

/** Receivers need not take more (Standard Webhooks). */
const MOST_BYTES = 20_000;

/** What is left out of a large document, one after the other; whoever wants it asks for the task. */
const DISPENSABLE = ['data', 'options', 'inputs', 'outputs'] as const satisfies readonly (keyof TaskDocument)[];
const EMPTY = { data: null, options: {}, inputs: [], outputs: [] } satisfies Partial<TaskDocument>;

/** How a receiver tells the event from others, and knows it again: each task has exactly one end. */
export function messageId(taskId: string): string {
  return `evt_${taskId}`;
}

/** The body: the type of the event, when the task ended, and its document, in less than 20 kB. */
export function deliveryPayload(event: string, task: Task): string {
  const timestamp = (task.finishedAt ?? task.createdAt).toISOString();
  let data = taskDocument(task);
  const omitted: string[] = [];
  for (const member of [undefined, ...DISPENSABLE]) {
    if (member) {
      data = { ...data, [member]: EMPTY[member] };
      omitted.push(member);
    }
    const body = JSON.stringify({ type: event, timestamp, data, ...(omitted.length > 0 && { omitted }) });
    if (Buffer.byteLength(body) < MOST_BYTES) return body;
  }
  return JSON.stringify({ type: event, timestamp, data: { task_id: task.id, status: task.status }, omitted: ['*'] });
}
