import { describe, expect, it } from '@jest/globals';
import type { FastifyRequest } from 'fastify';
import { loadConfig } from '../../src/config/config.load.js';
import { Problem } from '../../src/errors/problem.js';
import { TaskSubmission } from '../../src/tasks/task.submission.js';
import type { Alongside } from '../../src/tasks/tasks.service.js';
import type { Tool } from '../../src/tools/tool.js';
import { actor } from '../auth/actors.js';
import { pendingTask } from './task.rows.js';

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what a submission needs of a tool without files
const TOOL = {
  name: 'echo',
  limits: { maxInputs: 0 },
  inputFormats: [],
  options: { check: () => ({}) },
} as never as Tool;
const REQUEST: object = { isMultipart: () => false, headers: { 'content-type': 'application/json' }, body: {} };

/** What each try to create answers; and what is said of the room after it. */
function submit(tries: readonly boolean[], hasKey = false, room: () => Promise<void> = async () => {}) {
  const task = pendingTask();
  let tried = 0;
  const tasks = {
    create: async (_actor: unknown, _tool: unknown, _wanted: unknown, alongside: Alongside) => {
      alongside(task);
      return tries[tried++] ? task : undefined;
    },
  };
  const submission = new TaskSubmission(
    tasks as never,
    { keep: async () => {} } as never,
    {} as never,
    { keeping: () => (hasKey ? [{ text: 'update', values: [] }] : []) } as never,
    loadConfig({}),
    { refuseWhenNone: () => (tried === 0 ? Promise.resolve() : room()), counting: () => [] } as never,
  );
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see REQUEST
  return submission.submit(actor('a'), TOOL, REQUEST as FastifyRequest).then(() => tried);
}

const noRoom = async () => {
  throw new Problem('quota_exceeded');
};

describe('a task for which there was no room, and then there is', () => {
  it('is tried again, and nobody hears of a key that there is not', async () => {
    await expect(submit([false, false, true])).resolves.toBe(3);
  });

  it('is left to the client who has a key, and sends it again', async () => {
    await expect(submit([false, true], true)).rejects.toMatchObject({ code: 'idempotency_in_progress' });
  });

  it('is refused when there is none after all', async () => {
    await expect(submit([false, true], false, noRoom)).rejects.toMatchObject({ code: 'quota_exceeded' });
  });
});
