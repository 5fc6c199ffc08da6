export const TASK_STATUSES = ['pending', 'processing', 'completed', 'failed', 'cancelled'] as const;

export type TaskStatus = (typeof TASK_STATUSES)[number];

/**
 * Which step is allowed from which status.
 *
 *   pending ──► processing ──► completed | failed | cancelled
 *      │  ▲          │
 *      │  └──────────┘  another attempt
 *      └──► cancelled | failed
 */
const NEXT: Readonly<Record<TaskStatus, readonly TaskStatus[]>> = {
  pending: ['processing', 'cancelled', 'failed'],
  processing: ['pending', 'completed', 'failed', 'cancelled'],
  completed: [],
  failed: [],
  cancelled: [],
};

/** The statuses from which a task may go to `to`. */
export function statusesBefore(to: TaskStatus): TaskStatus[] {
  return TASK_STATUSES.filter((from) => NEXT[from].includes(to));
}

/** Whether the status is the last one a task will have. */
export function isTerminal(status: TaskStatus): boolean {
  return NEXT[status].length === 0;
}

export const TERMINAL_STATUSES = TASK_STATUSES.filter(isTerminal);
