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
    const places = wanted.map((input, position) => ({ input, position }));
    const ids = places.flatMap(({ input, position }) => (typeof input === 'string' ? [{ id: input, position }] : []));
    const sources = places.flatMap(({ input, position }): Source[] =>
      typeof input === 'string' ? [] : [{ ...input, position }],
    );
    const id = randomUUIDv7();
    const sealed = sources.length > 0 ? this.sources.seal(id, sources) : null;
    const inputs = await Promise.all(ids.map(({ id, position }) => this.input(actor, tool, id, position)));
    await this.files.keep(
      actor.id,
      ids.map(({ id }) => id),
    );
    return { id, inputs, sources: sealed };
  }

  private async input(actor: Actor, tool: Tool, id: string, position: number): Promise<TaskFile> {
    const file = await this.access.usable(actor, id);
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
