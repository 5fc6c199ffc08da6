import { Connection, type ConnectionOptions } from './connection.js';
import { followTask, type FollowOptions } from './follow.js';
import type { Client } from './generated/client/index.js';
import { submissionProcess, tasksCancel, tasksFind, tasksList, toolsFind, toolsList } from './generated/sdk.gen.js';
import type { NewTask, Task, TasksListData, Tool } from './generated/types.gen.js';
import { type Input, namedBlob } from './input.js';
import { patiently } from './patience.js';
import { errorOfTask } from './toolyard.error.js';
import { uploadFile, type UploadOptions } from './upload.js';

/** How far a run has come. */
export interface RunProgress {
  readonly stage: 'uploading' | 'waiting' | 'running';
  /** Of the stage, 0 to 1. */
  readonly ratio: number;
  /** What the tool says that it does. */
  readonly message: string | null;
  /** As soon as there is one. */
  readonly task?: Task;
}

export interface RunOptions extends Pick<UploadOptions, 'piecesAbove' | 'pieceBytes'> {
  readonly onProgress?: ((progress: RunProgress) => void) | undefined;
  /** Ends the run: the task is cancelled, too. */
  readonly signal?: AbortSignal | undefined;
  /** A word of your own to find the task by. */
  readonly tag?: string | undefined;
  /** 0 to 9; a higher one runs first. */
  readonly priority?: number | undefined;
}

/** What a tool made: one file as it is, several as a zip, data as JSON. */
export interface RunResult {
  readonly task: Task;
  readonly name: string;
  /** MIME type. */
  readonly type: string;
  readonly stream: ReadableStream<Uint8Array>;
}

/** The whole way of a file through a tool, and the parts of it. Everything that fails throws a ToolyardError. */
export class Toolyard {
  private readonly connection: Connection;

  constructor(options: ConnectionOptions) {
    this.connection = new Connection(options);
  }

  /** For the generated functions, one for each route: `filesList({ client: toolyard.client })`. */
  get client(): Client {
    return this.connection.client;
  }

  /**
   * Uploads the input, runs the tool, waits, and answers with the result.
   *
   * @param input one file or several; none for tools that take none
   * @throws ToolyardError when something is refused or the task fails; the reason of the signal when it aborts
   */
  async run(
    tool: string,
    input: Input | readonly Input[],
    options: Record<string, unknown> = {},
    how: RunOptions = {},
  ): Promise<RunResult> {
    const { onProgress, signal, tag, priority } = how;
    const inputs = await this.uploadAll([input].flat(), how);
    const wanted = { inputs, options, ...(tag !== undefined && { tag }), ...(priority !== undefined && { priority }) };
    const { task_id: id } = await this.create(tool, wanted, signal);
    const onTask = (task: Task) => onProgress?.(progressOf(task));
    const cancel = () => void this.cancel(id).catch(() => {});
    signal?.addEventListener('abort', cancel, { once: true });
    try {
      const task = await this.follow(id, { onTask, signal });
      if (task.status !== 'completed') throw errorOfTask(task);
      return await this.result(task, signal);
    } finally {
      signal?.removeEventListener('abort', cancel);
    }
  }

  /** Stores a file. Answers its id, which any number of tasks can name. */
  upload(file: Exclude<Input, string>, options: UploadOptions = {}): Promise<string> {
    return uploadFile(this.connection, namedBlob(file), options);
  }

  /** Creates a task, once, however often the request has to be sent. */
  async create(tool: string, body: NewTask, signal?: AbortSignal): Promise<Task> {
    const headers = { 'Content-Type': 'application/json', 'Idempotency-Key': crypto.randomUUID() };
    const request = { path: { tool }, headers, body, signal: signal ?? null };
    const send = () => submissionProcess({ client: this.client, throwOnError: true, ...request });
    return (await patiently(send, signal)).data;
  }

  /** Resolves with the task when it has ended, however it did. */
  follow(id: string, options: FollowOptions = {}): Promise<Task> {
    return followTask(this.connection, id, options);
  }

  /** The result of a completed task. */
  async result(task: Task, signal?: AbortSignal): Promise<RunResult> {
    const path = `/api/v1/tasks/${task.task_id}/result`;
    const response = await patiently(() => this.connection.send(path, { signal: signal ?? null }), signal);
    const [output, ...more] = task.outputs;
    const name = more.length > 0 ? `${task.task_id}.zip` : (output?.name ?? `${task.tool.name}.json`);
    const type = response.headers.get('content-type')?.split(';')[0] ?? 'application/octet-stream';
    return { task, name, type, stream: response.body ?? new Blob().stream() };
  }

  async cancel(id: string): Promise<Task> {
    return (await tasksCancel({ client: this.client, throwOnError: true, path: { id } })).data;
  }

  async task(id: string): Promise<Task> {
    return (await tasksFind({ client: this.client, throwOnError: true, path: { id } })).data;
  }

  /** Newest first: one page of them. */
  async tasks(query: NonNullable<TasksListData['query']> = {}): Promise<Task[]> {
    return (await tasksList({ client: this.client, throwOnError: true, query })).data.data;
  }

  async tools(): Promise<Tool[]> {
    return (await toolsList({ client: this.client, throwOnError: true })).data.data;
  }

  async tool(name: string): Promise<Tool> {
    return (await toolsFind({ client: this.client, throwOnError: true, path: { tool: name } })).data;
  }

  private async uploadAll(inputs: readonly Input[], { onProgress, ...options }: RunOptions): Promise<string[]> {
    const ids: string[] = [];
    for (const [index, input] of inputs.entries()) {
      const onBytes = (sent: number, total: number) => {
        const ratio = (index + (total === 0 ? 1 : sent / total)) / inputs.length;
        onProgress?.({ stage: 'uploading', ratio, message: null });
      };
      ids.push(typeof input === 'string' ? input : await this.upload(input, { ...options, onBytes }));
    }
    return ids;
  }
}

function progressOf(task: Task): RunProgress {
  const { ratio, message } = task.progress;
  return { stage: task.status === 'pending' ? 'waiting' : 'running', ratio, message, task };
}
