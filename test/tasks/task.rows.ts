import { randomUUIDv7 } from 'node:crypto';
import type { Task } from '../../src/tasks/task.entity.js';

export const OWNER = 'somebody';
/** What a worker can take that has the tool of all these tasks. */
export const ECHO = { tools: ['echo'] };

let latest = '';

/** A UUIDv7 after all those before, which Node promises only from one millisecond to the next. */
function nextId(): string {
  let id = randomUUIDv7();
  while (id <= latest) id = randomUUIDv7();
  latest = id;
  return id;
}

/** A task that waits to be run, as it is when it has just been made, but for what is given. Its id is the next one. */
export function pendingTask(members: Partial<Task> = {}): Task {
  const now = members.createdAt ?? new Date();
  return {
    id: nextId(),
    owner: OWNER,
    tool: 'echo',
    toolVersion: '1.0.0',
    status: 'pending',
    statusReason: null,
    attempt: 0,
    maxAttempts: 3,
    deaths: 0,
    priority: 0,
    availableAt: now,
    leaseOwner: null,
    leaseExpiresAt: null,
    progressRatio: 0,
    progressMessage: null,
    tag: null,
    callbackUrl: null,
    options: {},
    secrets: null,
    inputs: [],
    sources: null,
    inputBytes: 0,
    outputs: [],
    data: null,
    error: null,
    usage: null,
    cacheKey: null,
    cacheHit: false,
    retryOf: null,
    toolHash: null,
    limits: null,
    createdAt: now,
    startedAt: null,
    finishedAt: null,
    expiresAt: null,
    purgedAt: null,
    ...members,
  };
}
