import { describe, expect, it } from '@jest/globals';
import type { FastifyRequest } from 'fastify';
import { Problem } from '../../src/errors/problem.js';
import { TaskCreation } from '../../src/tasks/task.creation.js';
import type { Alongside } from '../../src/tasks/tasks.service.js';
import type { Tool } from '../../src/tools/tool.js';
import { actor } from '../auth/actors.js';
import { pendingTask } from './task.rows.js';

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what a creation needs of a tool that promises nothing
const TOOL = { name: 'echo', version: '1.0.0', deterministic: false } as Tool;
const WANTED = { callbackUrl: null };
const REQUEST: object = { headers: {} };

/** What each try to create answers; and what is said of the room after it. */
function create(tries: readonly boolean[], hasKey = false, room: () => Promise<void> = async () => {}) {
  const task = pendingTask();
  let tried = 0;
  const tasks = {
    create: async (_actor: unknown, _tool: unknown, _wanted: unknown, alongside: Alongside) => {
      alongside(task);
      return tries[tried++] ? task : undefined;
    },
  };
  const creation = new TaskCreation(
    tasks as never,
    { take: async () => undefined } as never,
    { keeping: () => (hasKey ? [{ text: 'update', values: [] }] : []) } as never,
    { refuseWhenNone: room, counting: () => [] } as never,
    {} as never,
    {} as never,
  );
  return creation.create(actor('a'), TOOL, WANTED as never, REQUEST as FastifyRequest).then(() => tried);
}

const noRoom = async () => {
  throw new Problem('quota_exceeded');
};

describe('a task for which there was no room, and then there is', () => {
  it('is tried again, and nobody hears of a key that there is not', async () => {
    await expect(create([false, false, true])).resolves.toBe(3);
  });

  it('is left to the client who has a key, and sends it again', async () => {
    await expect(create([false, true], true)).rejects.toMatchObject({ code: 'idempotency_in_progress' });
  });

  it('is refused when there is none after all', async () => {
    await expect(create([false, true], false, noRoom)).rejects.toMatchObject({ code: 'quota_exceeded' });
  });
});
