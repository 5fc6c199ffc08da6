import { z } from 'zod';
import { tagSchema } from '../task.acceptance.js';
import { TASK_STATUSES } from '../task.status.js';
import type { TaskFilter } from '../task.store.js';

const moment = z.iso
  .datetime({ offset: true, error: 'must be a time such as 2026-11-22T10:00:00Z' })
  .transform((text) => new Date(text))
  .optional();

/** What lists can be narrowed to, as members of a query. */
export const FILTERS = {
  status: z.enum(TASK_STATUSES).optional(),
  tool: tagSchema.max(64).optional().describe('Name of a tool.'),
  tag: tagSchema.optional(),
  created_after: moment.describe('Only tasks that were created at this time or later.'),
  created_before: moment.describe('Only tasks that were created before this time.'),
};

/** Whose tasks a list shows. */
export const SCOPES = {
  shared: z.stringbool().optional().describe('Tasks of others that are shared with you, instead of your own.'),
  owner: z.string().min(1).max(200).optional().describe('For admins: tasks of this user, instead of your own.'),
};

const filterSchema = z.object(FILTERS);

export function taskFilter({ status, tool, tag, ...time }: z.output<typeof filterSchema>): TaskFilter {
  const statuses = status && [status];
  return { statuses, tool, tag, createdAfter: time.created_after, createdBefore: time.created_before };
}
