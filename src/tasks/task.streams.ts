import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Actor } from '../auth/actor.js';
import { entryId, parseEntryId, type Place, placeBefore } from '../events/entry.id.js';
import { type Audience, EventLog, type Past } from '../events/event.log.js';
import { EventStream, placeText } from '../http/event.stream.js';
import { FinishedTasks } from './finished.tasks.js';
import type { Task } from './task.entity.js';
import { FINISHED } from './task.event-document.js';
import { HALF, resultText, stateText, TaskReader } from './task.reader.js';
import { isTerminal } from './task.status.js';
import { TaskStore } from './task.store.js';

/** Clocks differ, and so do the moments at which something happens and at which it is told. */
const MARGIN_MS = 2_000;
/** What is older than this has been told, or will never be. */
const TOLD_MS = 60_000;
/** What is told of a time of which the log knows nothing. */
const MOST_TASKS = 1_000;
/** The id of an end that was told from the row, because the log does not have it. */
const END = 'end';

/** Where a client stopped, by its `Last-Event-ID`. */
interface Known {
  readonly place: Place;
  readonly halfKnown?: string;
}

/**
 * Streams of events: first what the client has missed, then what happens. The log of events tells both. Of what it does
 * not have, the rows say how it stands now, in events without an id.
 */
@Injectable()
export class TaskStreams {
  constructor(
    private readonly log: EventLog,
    private readonly store: TaskStore,
    private readonly finished: FinishedTasks,
  ) {}

  /**
   * Follows one task to its end. Answers 204 when the client has seen it, which tells a browser not to come back.
   *
   * @param task as its row was a moment ago
   * @param showsLog whether lines of the tool may be seen
   */
  async followTask(task: Task, showsLog: boolean, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const lastId = request.headers['last-event-id'];
    const known = readKnown(lastId);
    if (isTerminal(task.status) && (lastId === END || this.hasSeenEnd(task, known))) {
      await reply.code(204).send();
      return;
    }
    const from = known?.place ?? { ms: task.createdAt.getTime() - MARGIN_MS, number: 0 };
    const options = { ...known, showsLog, ends: true };
    const { reader, past } = this.open({ subject: task.id }, from, options, request, reply);
    if (past.isWhole && (!isTerminal(task.status) || hasEnd(past))) return reader.begin(past.entries);
    if (past.isWhole && isRecent(task)) return this.awaitEnd(reader, past, task);
    await this.tellState(reader, task.id, past);
  }

  /** Follows all tasks of the actor, until one of the two goes. */
  async followAll(actor: Actor, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const audience = { owner: actor.id };
    const known = readKnown(request.headers['last-event-id']);
    const options = { ...known, showsLog: true, ends: false };
    const { reader, past } = this.open(audience, known?.place, options, request, reply);
    if (!known) await reader.tell(placeText(past.head));
    if (!known || past.isWhole) return reader.begin(known ? past.entries : []);
    const since = new Date(known.place.ms - MARGIN_MS);
    await this.tellStates(reader, await this.store.recent(actor.id, since, MOST_TASKS));
    await reader.tell(placeText(past.head));
    reader.begin();
  }

  /** One row after the other, as fast as the client takes them: all of them can be a gigabyte. */
  private async tellStates(reader: TaskReader, ids: readonly string[]): Promise<void> {
    for (const id of ids.toReversed()) {
      const task = reader.isEnded ? undefined : await this.store.find(id);
      if (task) await reader.tell(stateText(task), isTerminal(task.status) ? resultText(task) : '');
    }
  }

  /**
   * In one turn, so that nothing lies between the past and what is followed.
   *
   * @param from where the past begins. What happens now is passed over only as far as the client knows it: by another
   *   clock than ours it can be earlier.
   */
  private open(
    audience: Audience,
    from: Place | undefined,
    { place: after, ...options }: Partial<Known> & { readonly showsLog: boolean; readonly ends: boolean },
    request: FastifyRequest,
    reply: FastifyReply,
  ): { reader: TaskReader; past: Past } {
    const stream = new EventStream(request, reply, () => stop());
    const reader = new TaskReader(stream, {
      ...options,
      after,
      find: (id) => this.finished.find(id),
    });
    const past = this.log.past(audience, from && entryId(from));
    const stop = this.log.follow(audience, reader);
    return { reader, past };
  }

  /** The row has ended and the log has not: the word is on its way, unless whoever had to say it has died. */
  private awaitEnd(reader: TaskReader, past: Past, task: Task): void {
    reader.begin(past.entries);
    setTimeout(() => reader.endWith(stateText(task) + resultText(task, END)), MARGIN_MS).unref();
  }

  /** The row as it is now: it may have gone on since it was read, before anybody followed. */
  private async tellState(reader: TaskReader, id: string, past: Past): Promise<void> {
    const task = await this.store.find(id);
    if (!task || isTerminal(task.status)) {
      reader.endWith(task ? stateText(task) + resultText(task, END) : '');
      return;
    }
    await reader.tell(stateText(task), placeText(past.head));
    reader.begin();
  }

  /** Whether the end of the task comes not after what the client knows. */
  private hasSeenEnd(task: Task, known: Known | undefined): boolean {
    if (!known) return false;
    const { entries } = this.log.past({ subject: task.id });
    const isKept = entries.some(({ type }) => type === FINISHED);
    if (isKept) return !hasEnd(this.log.past({ subject: task.id }, entryId(known.place)));
    return known.place.ms > Number(task.finishedAt) + TOLD_MS;
  }
}

function hasEnd({ entries }: Past): boolean {
  return entries.some(({ type }) => type === FINISHED);
}

function isRecent({ finishedAt }: Task): boolean {
  return Date.now() - Number(finishedAt) < TOLD_MS;
}

/** Undefined when the client has nothing to come back to, or something that nobody has given it. */
function readKnown(lastId: string | string[] | undefined): Known | undefined {
  const text = String(lastId ?? '');
  const isHalf = text.endsWith(HALF);
  const id = isHalf ? text.slice(0, -HALF.length) : text;
  const place = parseEntryId(id);
  if (!place || place.ms > Date.now() + TOLD_MS) return undefined;
  return isHalf ? { place: placeBefore(place), halfKnown: id } : { place };
}
