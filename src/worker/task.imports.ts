import { Injectable } from '@nestjs/common';
import { TaskSecrets } from '../tasks/secrets/task.secrets.js';
import { TaskSources } from '../tasks/sources/task.sources.js';
import { acceptType } from '../tasks/task.acceptance.js';
import type { Task, TaskFile } from '../tasks/task.entity.js';
import { TaskStore } from '../tasks/task.store.js';
import type { Tool } from '../tools/tool.js';
import type { Running } from './lease.keeper.js';
import { outputGroup } from './output.group.js';
import { SourceDownload } from './source.download.js';
import type { Verdict } from './verdict.js';

/** What a run needs that does not stand in the row: files from elsewhere, and options that are sealed there. */
@Injectable()
export class TaskImports {
  constructor(
    private readonly sources: TaskSources,
    private readonly download: SourceDownload,
    private readonly store: TaskStore,
    private readonly secrets: TaskSecrets,
  ) {}

  /** All options, for the tool alone. */
  options(task: Task): Record<string, unknown> {
    return this.secrets.open(task);
  }

  /** A text of the tool's, without the secrets of the task. */
  hide(task: Task, text: string): string {
    return this.secrets.hide(task, text);
  }

  /** An import as a whole: the file becomes the output of the task. */
  async run(running: Running): Promise<Verdict> {
    const started = performance.now();
    const { task, report } = running;
    const [source] = this.sources.open(task);
    if (!source) throw new Error('An import has no source.');
    const wanted = {
      maxBytes: Number.POSITIVE_INFINITY,
      group: outputGroup(task),
      onProgress: report.progress.bind(report),
    };
    const file = await this.download.fetch(source, running, wanted);
    const usage = { wall_ms: Math.round(performance.now() - started), cpu_ms: 0, max_rss_bytes: 0 };
    return { type: 'completed', outputs: [file], data: null, usage };
  }

  /**
   * The run with all its inputs: those that are elsewhere are fetched first, and written down as inputs of the task, so
   * that another attempt finds them. Undefined: the task was taken away meanwhile.
   */
  async complete(running: Running, tool: Tool): Promise<Running | undefined> {
    const { task, report } = running;
    if (!task.sources) return running;
    const fetched = new Map<number, TaskFile>();
    try {
      for (const source of this.sources.open(task)) {
        const accept = (type: string) => acceptType(tool, type, `/inputs/${source.position}`);
        const onProgress = (_: number, message: string) => report.prepare(message);
        const wanted = { maxBytes: tool.limits.maxInputBytes, accept, onProgress };
        fetched.set(source.position, await this.download.fetch(source, running, wanted));
      }
      const inputs = merged(task.inputs, fetched);
      if (await this.store.supply(lease(task), inputs)) return { ...running, task: { ...task, inputs, sources: null } };
    } catch (error) {
      await this.download.undo([...fetched.values()]);
      throw error;
    }
    await this.download.undo([...fetched.values()]);
    return undefined;
  }
}

/** The inputs in the order in which they were asked for. */
function merged(inputs: readonly TaskFile[], fetched: ReadonlyMap<number, TaskFile>): TaskFile[] {
  const others = [...inputs];
  const all = Array.from({ length: inputs.length + fetched.size }, (_, position) => fetched.get(position));
  return all.flatMap((file) => file ?? others.shift() ?? []);
}

function lease({ id, attempt, leaseOwner }: Task) {
  return { id, attempt, leaseOwner: leaseOwner ?? '' };
}
