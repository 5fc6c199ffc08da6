import { Injectable, Logger } from '@nestjs/common';
import { Config } from '../config/config.js';
import { patiently } from '../database/patience.js';
import { Problem } from '../errors/problem.js';
import { problemFrom } from '../errors/problem.from.js';
import { errorDocument } from '../errors/problem.document.js';
import { FilesService } from '../files/files.service.js';
import { childLimits } from '../sandbox/limits.js';
import type { Outcome, Usage } from '../sandbox/outcome.js';
import type { LogLine } from '../sandbox/run.js';
import { Sandbox } from '../sandbox/sandbox.js';
import type { Slot } from '../sandbox/slot.js';
import { storable } from '../sandbox/tool.data.js';
import { type FoundOutput, Workspace } from '../sandbox/workspace.js';
import type { ToolLimits } from '../sdk/index.js';
import { KeyNotFound } from '../storage/storage.js';
import { FILE_IMPORT, isBuiltIn, mostImports } from '../tasks/sources/built-in.js';
import type { Claimable } from '../tasks/task.claims.js';
import type { Task, TaskFile, TaskUsage } from '../tasks/task.entity.js';
import { serviceRuns } from '../tools/remote/service.channel.js';
import { toolRuns } from '../tools/installed/installed.channels.js';
import { pinOf, type Tool } from '../tools/tool.js';
import { ToolRegistry } from '../tools/tool.registry.js';
import { LeaseKeeper, type Running } from './lease.keeper.js';
import { lateError, limitError } from '../sandbox/stopped.error.js';
import { outputGroup } from './output.group.js';
import { ranWith } from './ran.js';
import { TaskImports } from './task.imports.js';
import type { Verdict } from './verdict.js';

const NO_ROOM = 'The server has no room for the files of the task.';
const NO_SCAN = 'The virus scanner did not answer, so what the tool made could not be taken.';
/** What may be better at the next attempt. */
const PASSING: ReadonlySet<string> = new Set(['storage_full', 'scan_unavailable', 'remote_failed', 'tool_unavailable']);
/** What the virus scanner says of an output. */
const UNCLEAN: ReadonlySet<string> = new Set([
  'file_infected',
  'file_encrypted',
  'file_too_large_to_scan',
  'scan_failed',
]);

/** Runs the tool of one task: stage, run, collect. */
@Injectable()
export class ToolRunner {
  private readonly logger = new Logger(ToolRunner.name);

  constructor(
    private readonly config: Config,
    private readonly tools: ToolRegistry,
    private readonly sandbox: Sandbox,
    private readonly files: FilesService,
    private readonly leases: LeaseKeeper,
    private readonly imports: TaskImports,
  ) {}

  /** Tools that this worker has, and what it does without one, as far as there is room for another run here. */
  free(): Required<Pick<Claimable, 'tools' | 'pinned'>> {
    const versions = this.tools.usableVersions();
    const installed = new Set(versions.map(({ name }) => name));
    const names = this.tools.usableTools().map(({ name }) => name);
    const counts = this.leases.counts();
    return {
      tools: [...names, FILE_IMPORT.name].filter((name) => !installed.has(name) && this.hasRoom(name, counts)),
      pinned: versions
        .filter(({ name }) => this.hasRoom(name, counts))
        .map(({ name, version }) => pinOf(name, version)),
    };
  }

  /** Whether another run of this tool may begin here. */
  hasRoom(name: string, counts = this.leases.counts()): boolean {
    const running = counts.get(name) ?? 0;
    if (name === FILE_IMPORT.name) return running < mostImports(this.config.WORKER_CONCURRENCY);
    return running < (this.tools.find(name)?.limits.concurrency ?? 1);
  }

  async run(running: Running): Promise<Verdict> {
    const { task } = running;
    try {
      if (isBuiltIn(task.tool)) return await this.imports.run(running);
      const tool = this.tools.usableFor(task);
      const complete = await this.imports.complete(running, tool);
      if (!complete) return { type: 'lost' };
      const { retryMemoryMb } = tool.limits;
      const verdict = await this.runWith(tool.limits, tool, complete);
      if (verdict.type !== 'failed' || !verdict.outOfMemory || retryMemoryMb === undefined) return verdict;
      return await this.runWith({ ...tool.limits, memoryMb: retryMemoryMb }, tool, complete);
    } catch (error) {
      if (running.signal.aborted) return ended(running.signal);
      return this.fault(task, error);
    }
  }

  private async runWith(limits: ToolLimits, tool: Tool, running: Running): Promise<Verdict> {
    const slot = await this.sandbox.acquire(tool.plugin, childLimits(limits));
    try {
      const verdict = await this.runIn(slot, tool, running);
      if (verdict.type !== 'completed' && verdict.type !== 'failed') return verdict;
      return { ...verdict, ran: ranWith(tool, limits, this.totalMs(limits)) };
    } finally {
      slot.release();
    }
  }

  private totalMs({ totalMs }: ToolLimits): number {
    return Math.min(totalMs, this.config.TASK_TIMEOUT_MS);
  }

  private async runIn(slot: Slot, tool: Tool, running: Running): Promise<Verdict> {
    const { task, signal, report } = running;
    if (task.inputs.length > 0) report.enter('staging');
    await using workspace = new Workspace(slot, task.id);
    const inputs = await workspace.stage(this.files, task.inputs);
    if (inputs.length > 0) report.enter('running');
    const request = {
      id: task.id,
      tool: tool.file,
      inputs,
      options: this.imports.options(task),
      workspace: workspace.path,
    };
    const outcome = await slot.run(request, {
      totalMs: this.totalMs(tool.limits),
      idleMs: tool.limits.idleMs,
      signal,
      onProgress: ({ ratio, message }) => report.progress(ratio, message),
      onLog: (line) => this.log(running, line, slot),
    });
    if (outcome.type === 'crashed' || outcome.type === 'tool_error') await refuseFullDisk(outcome, workspace);
    if (tool.service) tellService(tool, outcome);
    tellEnd(tool, task, outcome);
    if (outcome.type !== 'done') return this.judge(task, outcome, signal);
    const data = storable(outcome.data ?? null);
    const found = await workspace.outputs(outcome.outputs, tool.limits.maxOutputBytes);
    if (found.length > 0) report.enter('collecting');
    const outputs = await this.collect(running, found);
    return { type: 'completed', outputs, data, usage: taskUsage(outcome.usage) };
  }

  /** What a tool writes to its log is for the user, without the places of this machine; what it prints is not. */
  private log({ task, report }: Running, { level, source, message: said }: LogLine, { directory }: Slot): void {
    const message = this.imports.hide(task, said);
    this.logger.debug({ task_id: task.id, tool: task.tool, level, source, msg: message });
    if (source === 'tool') report.line(level, message.replaceAll(directory, ''));
  }

  /**
   * Outputs become files: detected again, no larger than they were, renamed. All of them, or none. The work is done, so
   * it waits for a database that does not answer.
   */
  private async collect({ task, signal }: Running, found: readonly FoundOutput[]): Promise<TaskFile[]> {
    const outputs: TaskFile[] = [];
    try {
      for (const output of found) {
        const { name: claimed, size: maxBytes } = output;
        const wanted = {
          owner: task.owner,
          origin: 'output' as const,
          name: claimed,
          maxBytes,
          group: outputGroup(task),
        };
        const { id, size, sha256, type, name } = await patiently(
          () => this.files.collect(output.chunks(), wanted),
          signal,
        );
        outputs.push({ file_id: id, name, type, size, sha256 });
      }
      return outputs;
    } catch (error) {
      await this.files.undo(outputs.map(({ file_id }) => file_id));
      throw asOutputFault(error);
    }
  }

  private judge(task: Task, outcome: Exclude<Outcome, { type: 'done' }>, signal: AbortSignal): Verdict {
    switch (outcome.type) {
      case 'tool_error':
        return { type: 'failed', error: toolError(outcome), usage: taskUsage(outcome.usage) };
      case 'crashed':
        this.logger.warn({
          task_id: task.id,
          tool: task.tool,
          kind: outcome.kind,
          reason: this.imports.hide(task, outcome.reason),
          msg: 'A tool crashed.',
        });
        if (outcome.kind === 'remote')
          return { type: 'crashed', error: errorDocument(new Problem('remote_failed', outcome.reason), null) };
        return {
          type: 'crashed',
          error: failure('tool_crashed', 'The tool crashed. The operator finds the reason in the log.'),
        };
      case 'exceeded':
        this.logger.warn({ task_id: task.id, tool: task.tool, reason: outcome.reason, msg: 'A tool met a limit.' });
        return { type: 'failed', error: limitError(outcome), outOfMemory: outcome.limit === 'memory' };
      case 'timed_out':
      case 'stalled':
        return { type: 'failed', error: lateError(outcome.type, outcome.stopped) };
      case 'cancelled':
        return ended(signal);
      default:
        return outcome satisfies never;
    }
  }

  /** What went wrong outside the tool. */
  private fault(task: Task, error: unknown): Verdict {
    if (error instanceof KeyNotFound)
      return {
        type: 'failed',
        error: failure('input_gone', 'An input file was removed before the tool could read it.'),
      };
    const { code } = problemFrom(error);
    if (error instanceof Problem && code !== 'internal' && !PASSING.has(code))
      return { type: 'failed', error: errorDocument(error, null) };
    if (error instanceof Problem && (code === 'remote_failed' || code === 'tool_unavailable'))
      return { type: 'crashed', error: errorDocument(error, null) };
    this.logger.error({
      task_id: task.id,
      tool: task.tool,
      err: error,
      msg: 'A run could not be prepared or collected.',
    });
    if (code === 'storage_full') return { type: 'crashed', error: failure(code, NO_ROOM) };
    if (code === 'scan_unavailable') return { type: 'crashed', error: failure(code, NO_SCAN) };
    return { type: 'crashed', error: failure('internal', 'Something went wrong on our side.') };
  }
}

/** Whatever the platform ended says nothing of the service. */
function tellService(tool: Tool, outcome: Outcome): void {
  if (outcome.type === 'done' || outcome.type === 'tool_error') serviceRuns.publish({ tool, isWell: true });
  if (outcome.type === 'crashed' && outcome.kind === 'remote') serviceRuns.publish({ tool, isWell: false });
}

/** What the platform ended, or what met a limit, says nothing of whether the tool is sound. */
function tellEnd({ plugin: { name: plugin, hash } }: Tool, { id: task }: Task, outcome: Outcome): void {
  const { type } = outcome;
  if (type === 'crashed' && outcome.kind !== 'remote') toolRuns.publish({ plugin, hash, task, ended: 'crashed' });
  if (type === 'done' || type === 'tool_error') toolRuns.publish({ plugin, hash, task, ended: 'well' });
}

/** Ended from outside: this worker stops, or the task is not ours any more. */
function ended({ reason }: AbortSignal): Verdict {
  return { type: reason === 'shutdown' ? 'released' : 'lost' };
}

function failure(
  code: 'tool_crashed' | 'input_gone' | 'internal' | 'storage_full' | 'scan_unavailable',
  message: string,
) {
  return errorDocument(new Problem(code, message), null);
}

/**
 * A tool that finds no room fails, and is not to blame. It may have given the room back by then, so its own words count.
 *
 * @throws what stands for a disk that cannot be written to
 */
async function refuseFullDisk(outcome: Outcome, workspace: Workspace): Promise<void> {
  if (outcome.type === 'crashed' && /\b(?:ENOSPC|EDQUOT|EROFS)\b/.test(outcome.reason))
    throw new Problem('storage_full', NO_ROOM, { cause: outcome.reason });
  await workspace.checkRoom();
}

/** The tool's own code and words. */
function toolError({ code, message }: { code: string; message: string }) {
  return { ...errorDocument(new Problem('tool_crashed', message), null), code, retryable: false };
}

/** An output that is refused is the tool's fault, not the user's. */
function asOutputFault(error: unknown): unknown {
  if (!(error instanceof Problem)) return error;
  if (error.code === 'file_too_large')
    return new Problem('output_too_large', 'The tool made more than it may.', { cause: error });
  if (UNCLEAN.has(error.code))
    return new Problem('output_invalid', 'The virus scanner did not find clean what the tool made.', { cause: error });
  if (error.code === 'file_empty')
    return new Problem('output_invalid', 'The tool made an empty file.', { cause: error });
  return error;
}

function taskUsage({ wallMs, cpuMs, maxRssBytes }: Usage): TaskUsage {
  return { wall_ms: Math.round(wallMs), cpu_ms: Math.round(cpuMs), max_rss_bytes: maxRssBytes };
}
