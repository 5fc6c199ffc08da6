/**
 * Which step is allowed from which status.
 *
 *   pending ──► processing ──► completed | failed | cancelled
 *      │  ▲          │
 *      │  └──────────┘  another attempt
 *      └──► cancelled | failed
 */
const NEXT = {
  pending: ['processing', 'cancelled', 'failed'],
  processing: ['pending', 'completed', 'failed', 'cancelled'],
  completed: [],
  failed: [],
  cancelled: [],
} as const satisfies Record<string, readonly string[]>;

export type TaskStatus = keyof typeof NEXT;

export const TASK_STATUSES = Object.keys(NEXT) as TaskStatus[];

/** The statuses from which a task may go to `to`. */
export function statusesBefore(to: TaskStatus): TaskStatus[] {
  return TASK_STATUSES.filter((from) => (NEXT[from] as readonly TaskStatus[]).includes(to));
}

/** Whether the status is the last one a task will have. */
export function isTerminal(status: TaskStatus): boolean {
  return NEXT[status].length === 0;
}

export const TERMINAL_STATUSES = TASK_STATUSES.filter(isTerminal);
