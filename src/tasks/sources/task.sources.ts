import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { Encryption } from '../../encryption/encryption.js';
import { Outbound } from '../../outbound/outbound.js';
import type { Task } from '../task.entity.js';
import { placedSourceSchema, type Source, type WantedSource } from './source.js';

const sources = z.array(placedSourceSchema);

/** Where the files of a task are to be fetched from. Addresses can hold secrets as header fields can, so all of it is sealed. */
@Injectable()
export class TaskSources {
  constructor(
    private readonly encryption: Encryption,
    private readonly outbound: Outbound,
  ) {}

  /** As far as the address itself tells. @throws Problem `address_not_allowed` */
  check({ url }: WantedSource): void {
    this.outbound.check(url);
  }

  /** As the row of the task keeps them. @throws Problem `address_not_allowed` */
  seal(taskId: string, wanted: readonly Source[]): string {
    wanted.forEach((source) => this.check(source));
    return this.encryption.seal(JSON.stringify(wanted), place(taskId));
  }

  /** Those of a task that has not fetched them yet. */
  open({ id, sources: sealed }: Pick<Task, 'id' | 'sources'>): Source[] {
    return sealed ? sources.parse(JSON.parse(this.encryption.open(sealed, place(id)))) : [];
  }
}

function place(taskId: string): string {
  return `task:${taskId}`;
}
