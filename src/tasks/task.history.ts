import { Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { EventLog } from '../events/event.log.js';
import { FilesService } from '../files/files.service.js';
import { taskEvents } from './task.channels.js';
import { endMark, entriesOf } from './task.event-document.js';
import { isTerminal } from './task.status.js';
import { TaskStore } from './task.store.js';

/** Between the row and the event there is no more time than this, unless a process has died in it. */
const USUAL_MS = 3_000;
/** Half of the time for which the log remembers marks. */
const LOOK_BACK_MS = 60_000;
const MOST_AT_ONCE = 5_000;

/** Puts what happens to tasks into the log of events, and in the end nothing that has finished is missing there. */
@Injectable()
export class TaskHistory implements OnModuleInit, OnApplicationShutdown {
  private readonly logger = new Logger(TaskHistory.name);
  private unsubscribe: (() => void) | undefined;
  private caughtUp = 0;

  constructor(
    private readonly log: EventLog,
    private readonly store: TaskStore,
    private readonly files: FilesService,
  ) {}

  onModuleInit(): void {
    this.unsubscribe = taskEvents.subscribe((event) => this.log.append(entriesOf(event)));
  }

  onApplicationShutdown(): void {
    this.unsubscribe?.();
  }

  /**
   * Appends the end of tasks whose process died between the row and the event. To be called now and then.
   *
   * @returns how many finished tasks were looked at
   */
  async catchUp(): Promise<number> {
    const until = this.store.now().getTime() - USUAL_MS;
    const since = Math.max(this.caughtUp, until - LOOK_BACK_MS);
    const expiry = (ms: number) => this.files.expiry(new Date(ms));
    const ids = await this.store.expiring(expiry(since), expiry(until), MOST_AT_ONCE);
    const missing = ids.length === 0 ? [] : await this.log.missing(ids.map(endMark));
    const marks = new Set(missing);
    for (const id of ids) if (marks.has(endMark(id))) await this.append(id);
    if (ids.length < MOST_AT_ONCE) this.caughtUp = until;
    return ids.length;
  }

  private async append(id: string): Promise<void> {
    const task = await this.store.find(id);
    if (!task || !isTerminal(task.status)) return;
    this.log.append(entriesOf({ type: 'status', task }));
    this.logger.warn({ task_id: id, msg: 'The end of a task was not told by whoever wrote it, and is told now.' });
  }
}
