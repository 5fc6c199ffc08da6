import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import type { Actor } from '../auth/actor.js';
import { invalidRequest } from '../errors/invalid-request.js';
import { USUAL_PRIORITY } from '../tasks/task.acceptance.js';
import { TaskAccess } from '../tasks/task.access.js';
import type { Task } from '../tasks/task.entity.js';
import { TaskRoom } from '../tasks/task.room.js';
import { isTerminal } from '../tasks/task.status.js';
import { TaskSubmission } from '../tasks/task.submission.js';
import { TaskWaits } from '../tasks/task.waits.js';
import { ToolRegistry } from '../tools/tool.registry.js';
import { McpFiles, refuseWithout } from './mcp.files.js';
import { callSchema, TASK_TOOL, taskCallSchema } from './mcp.tool.js';

/** Less than the minute after which many clients give a call up. */
const WAIT_SECONDS = 45;
/** Tasks are found by this among those of other ways. */
const TAG = 'mcp';

/** One call, and how it is told that it goes on. */
export interface Call {
  readonly actor: Actor;
  readonly request: FastifyRequest;
  readonly signal: AbortSignal;
  readonly progress: (ratio: number, message: string | null) => Promise<void>;
}

/** A call of a tool becomes a task like any other, and its end the answer. */
@Injectable()
export class McpTasks {
  constructor(
    private readonly tools: ToolRegistry,
    private readonly submission: TaskSubmission,
    private readonly room: TaskRoom,
    private readonly access: TaskAccess,
    private readonly waits: TaskWaits,
    private readonly files: McpFiles,
  ) {}

  /** @throws Problem when the call is refused */
  async call(name: string, given: unknown, call: Call): Promise<CallToolResult> {
    const task = name === TASK_TOOL ? await this.find(given, call) : await this.create(name, given, call);
    return this.answer(await this.ended(task, call), call);
  }

  private async find(given: unknown, { actor }: Call): Promise<Task> {
    refuseWithout(actor, 'tasks:read');
    const parsed = taskCallSchema.safeParse(given);
    if (!parsed.success) throw invalidRequest(parsed.error.issues);
    return this.access.read(actor, parsed.data.task_id);
  }

  private async create(name: string, given: unknown, { actor, request }: Call): Promise<Task> {
    refuseWithout(actor, 'tasks:write');
    const tool = this.tools.usable(name);
    const parsed = callSchema.safeParse(given ?? {});
    if (!parsed.success) throw invalidRequest(parsed.error.issues);
    const { files, options } = parsed.data;
    tool.options.check(options);
    await this.room.refuseWhenNone(actor.id);
    const upload = this.files.newUpload();
    try {
      const inputs = await this.files.receive(actor, tool, files, upload);
      const wanted = { inputs, options, callback_url: null, tag: TAG, priority: USUAL_PRIORITY };
      return await this.submission.submitFiles(actor, tool, wanted, request);
    } catch (error) {
      await upload.undo();
      throw error;
    }
  }

  /** The task when it has ended, or when the time is over. */
  private ended(task: Task, { actor, request, signal, progress }: Call): Promise<Task> {
    const { leaving } = request.server;
    const departing = (leave: () => void) => {
      signal.addEventListener('abort', leave);
      leaving.add(leave);
      if (signal.aborted) leave();
      return () => {
        signal.removeEventListener('abort', leave);
        leaving.delete(leave);
      };
    };
    const progressed = ({ ratio, message }: { ratio: number; message: string | null }) => {
      // Whoever has gone cannot be told.
      progress(ratio, message).catch(() => {});
    };
    return this.waits.end(actor, task.id, { seconds: WAIT_SECONDS, departing, progressed });
  }

  private answer(task: Task, { request }: Call): CallToolResult {
    const { id: task_id, status, error, data, outputs } = task;
    if (!isTerminal(status)) {
      const words = `The task ${task_id} is ${status} still. Call ${TASK_TOOL} with this task_id to wait for it.`;
      return { content: [text(words)], structuredContent: { task_id, status } };
    }
    if (status !== 'completed') {
      const words = error?.message ?? `The task was ${status}.`;
      return { content: [text(words)], structuredContent: { task_id, status, error: error ?? null }, isError: true };
    }
    const links = outputs.map((file) => this.files.link(file, request));
    const structuredContent = { task_id, status, data: data ?? null, outputs };
    return { content: [text(JSON.stringify(structuredContent)), ...links], structuredContent };
  }
}

function text(text: string) {
  return { type: 'text' as const, text };
}
