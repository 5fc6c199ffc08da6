import { setTimeout as sleep } from 'node:timers/promises';
import type { Credentials } from './visitor.ts';

/** One event as it came; without an id it is not numbered. */
export interface StreamEvent {
  readonly id: string | undefined;
  readonly type: string;
  readonly data: string;
  /** When it came, in milliseconds since 1970. */
  readonly at: number;
}

/** The members that events have, each of them in some. */
export interface Data {
  readonly task_id: string;
  readonly status: string;
  readonly ratio: number;
  readonly message: string;
}

/** Reads a stream of events as a browser does, and remembers from where to go on. */
export class EventReader {
  readonly events: StreamEvent[] = [];
  /** Of the last answer; 0 before the first. */
  status = 0;
  headers = new Headers();
  lastId: string | undefined;
  /** How often nothing but a comment came. */
  heartbeats = 0;
  private readonly credentials: Credentials;
  private cutting = new AbortController();

  constructor(credentials: Credentials) {
    this.credentials = credentials;
  }

  /** Of numbered events. */
  get ids(): string[] {
    return this.events.flatMap(({ id }) => id ?? []);
  }

  types(): string[] {
    return this.events.map(({ type }) => type);
  }

  /** The data of events of that type. */
  data(type: string): Data[] {
    return this.events.filter((event) => event.type === type).map(({ data }) => JSON.parse(data));
  }

  /** Reads from where it stopped, until the server ends the answer or `cut` is called. */
  async read(url: string): Promise<void> {
    this.cutting = new AbortController();
    const { signal } = this.cutting;
    const headers = { ...this.credentials, ...(this.lastId !== undefined && { 'last-event-id': this.lastId }) };
    try {
      const response = await connect(url, { headers, signal });
      this.status = response.status;
      this.headers = response.headers;
      await this.take(response.body);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  /** Breaks the connection off, wherever it stands. */
  cut(): void {
    this.cutting.abort();
  }

  private async take(body: ReadableStream<Uint8Array> | null): Promise<void> {
    const decoder = new TextDecoder();
    let text = '';
    for await (const chunk of body ?? []) {
      text += decoder.decode(chunk, { stream: true });
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) this.takeBlock(block);
    }
  }

  private takeBlock(block: string): void {
    const fields = new Map<string, string>();
    for (const line of block.split('\n')) {
      const [name = '', ...value] = line.split(':');
      fields.set(name, value.join(':').replace(/^ /, ''));
    }
    if (fields.has('')) this.heartbeats += 1;
    const id = fields.get('id');
    this.lastId = id ?? this.lastId;
    const data = fields.get('data');
    if (data !== undefined) this.events.push({ id, type: fields.get('event') ?? 'message', data, at: Date.now() });
  }
}

/** A connection that was kept may be dead, because the server was: as a browser does, it is tried again. */
async function connect(url: string, init: RequestInit & { signal: AbortSignal }): Promise<Response> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await fetch(url, init);
    } catch (error) {
      if (init.signal.aborted || attempt === 20) throw error;
      await sleep(50);
    }
  }
}
