import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Actor } from '../auth/actor.js';
import { Problem } from '../errors/problem.js';
import { ToolRegistry } from '../tools/tool.registry.js';
import { isBuiltIn, isRepeatable } from './sources/built-in.js';
import { TaskAccess } from './task.access.js';
import { TaskCreation } from './task.creation.js';
import type { Task } from './task.entity.js';
import { TaskInputs } from './task.inputs.js';
import { isTerminal } from './task.status.js';
import { notFinished } from './tasks.service.js';

/** The same again, as a new task: everything is checked anew, because tools, files and rights may have changed. */
@Injectable()
export class TaskRetry {
  constructor(
    private readonly access: TaskAccess,
    private readonly tools: ToolRegistry,
    private readonly inputs: TaskInputs,
    private readonly creation: TaskCreation,
  ) {}

  async retry(actor: Actor, id: string, request: FastifyRequest): Promise<Task> {
    const task = await this.access.own(actor, id);
    if (!isTerminal(task.status)) throw notFinished(task, 'Cancel it first, or wait.');
    if (task.purgedAt) throw new Problem('result_expired', `What the task ${id} was asked to do is no longer known.`);
    refuseForgotten(task);
    await this.creation.refuseWithoutRoom(actor);
    const tool = this.tools.usable(task.tool);
    const options = tool.options.check(task.options);
    const ids = task.inputs.map(({ file_id }) => file_id);
    const inputs = await this.inputs.accept(actor, tool, ids);
    const { tag = null, priority } = task;
    // Whoever heard of the end of the first one has not asked for another.
    const wanted = { ...inputs, options, tag, priority, callbackUrl: null, retryOf: id };
    return this.creation.create(actor, tool, wanted, request);
  }
}

function refuseForgotten(task: Task): void {
  if (isRepeatable(task)) return;
  throw new Problem('task_not_repeatable', whatIsForgotten(task));
}

function whatIsForgotten({ tool, secrets }: Task): string {
  if (isBuiltIn(tool)) return 'Where the file came from is not kept. Import it again by its URL.';
  if (typeof secrets === 'string') return 'Its passwords are not kept. Create the task anew, with them.';
  return 'Not all inputs were fetched, and their URLs are not kept. Create the task anew, with them.';
}
