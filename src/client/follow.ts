import type { Connection } from './connection.js';
import { eventsOf } from './event.stream.js';
import type { Task } from './generated/types.gen.js';
import { jsonOf } from './json.js';
import { patiently, pause } from './patience.js';
import { retryAfterMs } from './retry.after.js';
import { ToolyardError } from './toolyard.error.js';

export interface FollowOptions {
  /** Told each time that something of the task is new. */
  readonly onTask?: ((task: Task) => void) | undefined;
  /** Ends the following, not the task. */
  readonly signal?: AbortSignal | undefined;
}

/** Three heartbeats of the server: after that the connection is dead, whatever the system says. */
const SILENCE_MS = 45_000;
/** The server may hold an answer back so long until there is something new. */
const WAIT = 'wait=20';
/** Where the server does not say when to ask again. */
const ASK_AGAIN_MS = 1_000;
const ENDED = new Set<Task['status']>(['completed', 'failed', 'cancelled']);

type News = Task | Task['progress'] | string | number | null;

/** Resolves with the task when it has ended, however it did: by its events, or by asking where there are none. */
export async function followTask(connection: Connection, id: string, options: FollowOptions = {}): Promise<Task> {
  const follower = new Follower(connection, `/api/v1/tasks/${id}`, options);
  return (await follower.byEvents()) ?? follower.byAsking();
}

class Follower {
  private lastEventId: string | undefined;
  private etag: string | undefined;
  private task: Task | undefined;
  private waitMs = ASK_AGAIN_MS;

  constructor(
    private readonly connection: Connection,
    private readonly path: string,
    private readonly options: FollowOptions,
  ) {}

  /** Undefined: this server, or something before it, tells no events. */
  async byEvents(): Promise<Task | undefined> {
    const { signal } = this.options;
    return patiently(async (progressed) => {
      for (;;) {
        const body = await this.open();
        if (!body) return undefined;
        await this.listen(body, progressed);
        const task = await this.ask();
        if (task && ENDED.has(task.status)) return task;
        await pause(250, signal);
      }
    }, signal);
  }

  async byAsking(): Promise<Task> {
    const { signal } = this.options;
    for (;;) {
      const task = await patiently(() => this.ask({ prefer: WAIT }), signal);
      if (task && ENDED.has(task.status)) return task;
      await pause(this.waitMs, signal);
    }
  }

  /** The events of the task as a stream; null when it has ended, undefined when there are none to be had. */
  private async open(): Promise<{ readonly events: Response['body']; readonly over: AbortController } | undefined> {
    const over = new AbortController();
    const signal = this.options.signal ? AbortSignal.any([this.options.signal, over.signal]) : over.signal;
    const headers = {
      accept: 'text/event-stream',
      ...(this.lastEventId !== undefined && { 'last-event-id': this.lastEventId }),
    };
    try {
      const response = await this.connection.send(`${this.path}/events`, { headers, signal });
      if (response.status === 204) return { events: null, over };
      if (response.headers.get('content-type')?.startsWith('text/event-stream')) return { events: response.body, over };
      await response.body?.cancel();
      return undefined;
    } catch (error) {
      if (tellsNoEvents(error)) return undefined;
      throw error;
    }
  }

  private async listen(
    { events, over }: NonNullable<Awaited<ReturnType<Follower['open']>>>,
    progressed: () => void,
  ): Promise<void> {
    if (!events) return;
    let timer = setTimeout(() => over.abort(), SILENCE_MS);
    const onLife = () => {
      clearTimeout(timer);
      timer = setTimeout(() => over.abort(), SILENCE_MS);
    };
    try {
      for await (const { id, data } of eventsOf(events, onLife)) {
        progressed();
        this.lastEventId = id ?? this.lastEventId;
        if (await this.hear(data)) return;
      }
    } catch (error) {
      if (this.options.signal?.aborted) throw this.options.signal.reason;
      if (!over.signal.aborted && error instanceof ToolyardError) throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** An event carries the task, or how far it is; others are for whoever understands them. Answers whether it has ended. */
  private async hear(data: string): Promise<boolean> {
    const news = await jsonOf<News>({ text: async () => data }).catch(() => null);
    if (typeof news !== 'object' || news === null) return false;
    if ('task_id' in news) this.tell(news);
    else if (this.task && 'ratio' in news) this.tell({ ...this.task, progress: news });
    return this.task !== undefined && ENDED.has(this.task.status);
  }

  /** Undefined: nothing is new. */
  private async ask(headers: Record<string, string> = {}): Promise<Task | undefined> {
    const { signal = null } = this.options;
    const known = this.etag === undefined ? {} : { 'if-none-match': this.etag };
    const response = await this.connection.send(this.path, { headers: { ...headers, ...known }, signal });
    // Who was made to wait by the server need not wait again.
    this.waitMs = response.headers.has('preference-applied') ? 0 : (retryAfterMs(response.headers) ?? ASK_AGAIN_MS);
    if (response.status === 304) return undefined;
    this.etag = response.headers.get('etag') ?? undefined;
    const task = await jsonOf<Task>(response);
    this.tell(task);
    return task;
  }

  private tell(task: Task): void {
    this.task = task;
    this.options.onTask?.(task);
  }
}

function tellsNoEvents(error: unknown): boolean {
  if (!(error instanceof ToolyardError)) return false;
  return error.code === 'not_found' || error.code === 'method_not_allowed' || error.status === 406;
}
