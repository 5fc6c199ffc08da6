import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { Actor } from '../auth/actor.js';
import { type Entry, EventLog } from '../events/event.log.js';
import { whenDeparting } from '../http/departure.js';
import { FinishedTasks } from './finished.tasks.js';
import { TaskAccess } from './task.access.js';
import type { Task } from './task.entity.js';
import { FINISHED, PROGRESS, progressEventSchema } from './task.event-document.js';
import { isTerminal } from './task.status.js';

/** How long somebody waits, and what they hear meanwhile. */
export interface Patience {
  readonly seconds: number;
  /** Called with what ends the waiting early. Answers how to take that back. */
  readonly departing: (leave: () => void) => () => void;
  readonly progressed?: (progress: z.output<typeof progressEventSchema>) => void;
}

/** Lets clients wait for the end of a task. While nothing happens nobody asks the database. */
@Injectable()
export class TaskWaits {
  constructor(
    private readonly log: EventLog,
    private readonly access: TaskAccess,
    private readonly finished: FinishedTasks,
  ) {}

  /**
   * The task when it has finished, or as it is after so many seconds; at once when the client goes or the server stops.
   *
   * @throws Problem `task_not_found`
   */
  wait(actor: Actor, id: string, seconds: number, request: FastifyRequest, reply: FastifyReply): Promise<Task> {
    return this.end(actor, id, { seconds, departing: (leave) => whenDeparting(request, reply, leave) });
  }

  /** The same, for whoever has an end of waiting of their own. @throws Problem `task_not_found` */
  async end(actor: Actor, id: string, { seconds, departing, progressed }: Patience): Promise<Task> {
    const over = Promise.withResolvers<'finished' | 'left'>();
    const end = (): void => over.resolve('left');
    const heard = ({ type, text }: Entry): void => {
      if (type === FINISHED) over.resolve('finished');
      else if (type === PROGRESS) progressed?.(progressEventSchema.parse(JSON.parse(text)));
    };
    // Before the row is read: whatever comes afterwards is heard.
    const stop = this.log.follow({ subject: id }, { heard, lost: end });
    const timer = setTimeout(end, seconds * 1_000);
    const forget = departing(end);
    try {
      const task = await this.access.read(actor, id);
      if (isTerminal(task.status)) return task;
      // Only whoever was told of the end may share a reading of the row: one that began before it knows nothing of it.
      if ((await over.promise) === 'left') return await this.access.read(actor, id);
    } finally {
      stop();
      clearTimeout(timer);
      forget();
    }
    return (await this.finished.find(id)) ?? this.access.read(actor, id);
  }
}
