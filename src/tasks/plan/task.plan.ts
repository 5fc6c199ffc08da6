import { Injectable } from '@nestjs/common';
import type { z } from 'zod';
import type { Actor } from '../../auth/actor.js';
import { Problem } from '../../errors/problem.js';
import { type ErrorDocument, errorDocument } from '../../errors/problem.document.js';
import { refuseUnavailable, type Tool } from '../../tools/tool.js';
import { cacheKey } from '../results/cache.key.js';
import { TaskOutlook } from '../estimates/task.outlook.js';
import { ResultCache } from '../results/result.cache.js';
import { secretOptions } from '../secrets/secret.options.js';
import { refuseNumber } from '../task.acceptance.js';
import { sizeOf, type TaskFile } from '../task.entity.js';
import { TaskInputs } from '../task.inputs.js';
import { TaskRoom } from '../task.room.js';
import type { newTaskSchema } from '../task.submission.js';
import { TaskCallbacks } from '../webhooks/task.callbacks.js';
import type { Plan } from './plan.document.js';

const NOTHING_RUNS = { run_seconds: { p50: 0, p90: 0 }, eta_seconds: { p50: 0, p90: 0 } };

/** Says what would become of a task, with the very checks that a task meets, and creates none. */
@Injectable()
export class TaskPlan {
  constructor(
    private readonly inputs: TaskInputs,
    private readonly room: TaskRoom,
    private readonly callbacks: TaskCallbacks,
    private readonly cache: ResultCache,
    private readonly outlook: TaskOutlook,
  ) {}

  async make(actor: Actor, tool: Tool, wanted: z.output<typeof newTaskSchema>): Promise<Plan> {
    const refusals = new Refusals();
    await refusals.orElse(() => refuseUnavailable(tool), undefined);
    const options = await refusals.orElse(() => tool.options.check(wanted.options), null);
    await refusals.orElse(() => refuseNumber(tool, wanted.inputs.length), undefined);
    const files: TaskFile[] = [];
    for (const [position, input] of wanted.inputs.entries()) {
      const file = await refusals.orElse(() => this.inputs.check(actor, tool, input, position), undefined);
      if (file) files.push(file);
    }
    const { callback_url: callback } = wanted;
    if (callback !== null) await refusals.orElse(() => this.callbacks.accept(actor, callback), undefined);
    await refusals.orElse(() => this.room.refuseWhenNone(actor.id), undefined);

    const isAccepted = refusals.all.length === 0;
    const isHere = wanted.inputs.every((input) => typeof input === 'string');
    const bytes = sizeOf(files);
    const { shown, secret } = secretOptions(tool.optionsSchema, options ?? {});
    const isKnown = isHere && Object.keys(secret).length === 0;
    const key = isKnown ? cacheKey(tool, files, shown) : null;
    const cached = isAccepted && (await this.cache.has(actor.id, tool, key));
    const estimate = () => this.outlook.ofNew(tool.name, isHere ? bytes : null, wanted.priority);
    return {
      tool: { name: tool.name, version: tool.version },
      accepted: isAccepted,
      refusals: refusals.all,
      input_bytes: bytes,
      options: options && shown,
      cached,
      estimate: cached ? NOTHING_RUNS : await estimate(),
    };
  }
}

/** Goes on where a request would end. */
class Refusals {
  readonly all: ErrorDocument[] = [];

  async orElse<Value, Otherwise>(check: () => Value | Promise<Value>, otherwise: Otherwise) {
    try {
      return await check();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      this.all.push(errorDocument(error, null));
      return otherwise;
    }
  }
}
