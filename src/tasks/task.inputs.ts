import { randomUUIDv7 } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Actor } from '../auth/actor.js';
import { Problem } from '../errors/problem.js';
import { FileAccess } from '../files/file.access.js';
import { FilesService } from '../files/files.service.js';
import type { Tool } from '../tools/tool.js';
import type { Source, WantedSource } from './sources/source.js';
import { TaskSources } from './sources/task.sources.js';
import { acceptType, refuseNumber } from './task.acceptance.js';
import type { TaskFile } from './task.entity.js';
import type { NewTask } from './tasks.service.js';

/** The id of a file that is there, or where one is to be fetched from. */
export type WantedInput = string | WantedSource;

/** What a task in JSON names as its inputs. */
@Injectable()
export class TaskInputs {
  constructor(
    private readonly files: FilesService,
    private readonly access: FileAccess,
    private readonly sources: TaskSources,
  ) {}

  /** Checks all that can be known now, and keeps the files as long as the task needs them. */
  async accept(
    actor: Actor,
    tool: Tool,
    wanted: readonly WantedInput[],
  ): Promise<Pick<NewTask, 'id' | 'inputs' | 'sources'>> {
    refuseNumber(tool, wanted.length);
    const sources = wanted.flatMap((input, position): Source[] =>
      typeof input === 'string' ? [] : [{ ...input, position }],
    );
    const id = randomUUIDv7();
    const sealed = sources.length > 0 ? this.sources.seal(id, sources) : null;
    const found = await Promise.all(wanted.map((input, position) => this.check(actor, tool, input, position)));
    const inputs = found.filter((file) => file !== undefined);
    await this.files.keep(
      actor.id,
      inputs.map(({ file_id }) => file_id),
    );
    return { id, inputs, sources: sealed };
  }

  /**
   * One of them, as a task takes it; undefined when it is still to be fetched.
   *
   * @param position its place among the inputs
   * @throws Problem when the actor may not use the file, the tool does not take it, or its address is not allowed
   */
  async check(actor: Actor, tool: Tool, wanted: WantedInput, position: number): Promise<TaskFile | undefined> {
    if (typeof wanted !== 'string') {
      this.sources.check(wanted);
      return undefined;
    }
    const file = await this.access.usable(actor, wanted);
    acceptType(tool, file.type, `/inputs/${position}`);
    if (file.size > tool.limits.maxInputBytes) {
      throw new Problem('file_too_large', `${tool.name} takes files of ${tool.limits.maxInputBytes} bytes at most.`);
    }
    return taskFile(file);
  }
}

export function taskFile({ id, name, type, size, sha256 }: { id: string } & Omit<TaskFile, 'file_id'>): TaskFile {
  return { file_id: id, name, type, size, sha256 };
}
