import type { Platform } from '../test/platform.ts';
import { type History, isTerminal } from './history.ts';
import { sha256, type Work } from './work.ts';

/** Longer than any promise: what has not answered by then never will. */
const PATIENCE_MS = 15_000;
const PAGE = 200;

interface Document {
  readonly task_id: string;
  readonly status: string;
  readonly attempt: number;
  readonly started_at: string | null;
  readonly finished_at: string | null;
  readonly progress: { readonly message: string | null };
}

interface Page {
  readonly data: readonly Document[];
  readonly page: { readonly next_cursor: string | null };
}

export type { Document as TaskDocument };

/** What the same request was answered, each time. */
export interface Created {
  /** 0: no answer. */
  readonly statuses: readonly number[];
  /** Of the tasks that it made: one, if all is well. */
  readonly ids: readonly string[];
}

/** Asks the platform as any client would, and writes down all that it is answered. */
export class Client {
  private readonly platform: Pick<Platform, 'send'>;
  private readonly history: History;
  private readonly name: string;
  private requests = 0;

  /** @param name begins the tags of its tasks. */
  constructor(platform: Pick<Platform, 'send'>, history: History, name: string) {
    this.platform = platform;
    this.history = history;
    this.name = name;
  }

  /** Answers the id of the task when it was accepted. */
  async submit(work: Work): Promise<string | undefined> {
    const [id] = (await this.create(work, 1)).ids;
    return id;
  }

  /** Sends one request many times at once, with an Idempotency-Key. Answers each status, and every id that was named. */
  submitRepeatedly(work: Work, key: string, times: number): Promise<Created> {
    return this.create(work, times, { 'idempotency-key': key });
  }

  /** One after the other in `lanes` lanes. Answers the ids of those that were accepted. */
  async submitAll(works: readonly Work[], lanes = 8): Promise<string[]> {
    const waiting = [...works];
    const ids: string[] = [];
    const lane = async (): Promise<void> => {
      for (let work = waiting.shift(); work; work = waiting.shift()) {
        const id = await this.submit(work);
        if (id !== undefined) ids.push(id);
      }
    };
    await Promise.all(Array.from({ length: lanes }, lane));
    return ids;
  }

  /** Looks at one task. */
  async look(id: string): Promise<Document | undefined> {
    const response = await this.send(`/api/v1/tasks/${id}`);
    return response?.status === 200 ? this.saw(response.json as unknown as Document) : undefined;
  }

  /** Looks at all tasks there are. */
  async lookAtAll(): Promise<Document[]> {
    const seen: Document[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const query = `?limit=${PAGE}${cursor && `&cursor=${encodeURIComponent(cursor)}`}`;
      const response = await this.send(`/api/v1/tasks${query}`);
      if (response?.status !== 200) return seen;
      const { data, page } = response.json as unknown as Page;
      seen.push(...data.map((document) => this.saw(document)));
      cursor = page.next_cursor;
    }
    return seen;
  }

  async cancel(id: string): Promise<boolean> {
    const response = await this.send(`/api/v1/tasks/${id}/cancel`, { method: 'POST' });
    return response?.status === 200;
  }

  async isReady(): Promise<boolean> {
    return (await this.send('/ready'))?.status === 200;
  }

  private async create(work: Work, times: number, headers: Readonly<Record<string, string>> = {}): Promise<Created> {
    this.requests += 1;
    const tag = `${this.name}-${this.requests}`;
    if (work.file) this.history.sent.add(sha256(work.file.bytes));
    const path = `/api/v1/tools/${work.tool}/process`;
    const ask = () => this.send(path, { method: 'POST', ...body(work, tag, headers) });
    const answers = await Promise.all(Array.from({ length: times }, ask));
    const accepted = answers.filter((answer) => answer !== undefined).filter(({ status }) => status === 202);
    const ids = [...new Set(accepted.map(({ json }) => (json as unknown as Document).task_id))];
    for (const id of ids) this.history.acknowledged.push({ id, tag, expected: work.expected });
    return { statuses: answers.map((answer) => answer?.status ?? 0), ids };
  }

  private saw(document: Document): Document {
    this.history.saw({ id: document.task_id, status: document.status, finishedAt: document.finished_at });
    return document;
  }

  /** Undefined when no answer came. Only 2xx bodies are read as JSON of ours. */
  async send(
    path: string,
    init: RequestInit = {},
  ): Promise<{ status: number; json: Record<string, unknown> } | undefined> {
    const started = performance.now();
    const { method = 'GET' } = init;
    const request = `${method} ${path.split('?')[0]}`;
    try {
      const response = await this.platform.send(method, path, { ...init, signal: AbortSignal.timeout(PATIENCE_MS) });
      const text = await response.text();
      this.history.answers.push({ request, status: response.status, ms: performance.now() - started });
      return { status: response.status, json: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>) };
    } catch {
      this.history.answers.push({ request, status: 0, ms: performance.now() - started });
      return undefined;
    }
  }
}

/** Whether the task will not change any more. */
export function isFinished(document: Document | undefined): boolean {
  return document !== undefined && isTerminal(document.status);
}

function body({ options, file }: Work, tag: string, headers: Readonly<Record<string, string>>): RequestInit {
  const json = { 'content-type': 'application/json', ...headers };
  if (!file) return { body: JSON.stringify({ options, tag }), headers: json };
  const form = new FormData();
  form.append('options', JSON.stringify(options));
  form.append('tag', tag);
  form.append('file', new File([new Uint8Array(file.bytes)], file.name));
  return { body: form, headers };
}
