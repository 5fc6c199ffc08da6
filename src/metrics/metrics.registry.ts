import { METHODS } from 'node:http';
import { Injectable } from '@nestjs/common';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { FileStoredEvent } from '../files/file.channels.js';
import type { ResponseEvent } from '../http/response.channel.js';
import { Queue } from '../queue/queue.js';
import type { Task } from '../tasks/task.entity.js';

const REQUEST_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const WAIT_SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600];
const TASK_SECONDS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 1800, 3600];

/** What counts of a task. */
export type ObservedTask = Pick<Task, 'tool' | 'status' | 'createdAt' | 'startedAt' | 'finishedAt'>;

const KNOWN_METHODS = new Set(METHODS);

/**
 * The figures of this process, for Prometheus. Seconds and bytes, never milliseconds. A label holds one of a few words
 * (a route's pattern, an installed tool, a status): never an id, a user or the name of a file.
 */
@Injectable()
export class Metrics {
  private readonly registry = new Registry();

  private readonly requests = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from a request to its complete answer.',
    labelNames: ['method', 'route', 'status_class'],
    buckets: REQUEST_SECONDS,
    registers: [this.registry],
  });

  private readonly tasks = new Counter({
    name: 'toolyard_tasks_total',
    help: 'Tasks that reached their last status.',
    labelNames: ['tool', 'status'],
    registers: [this.registry],
  });

  private readonly waits = new Histogram({
    name: 'toolyard_task_wait_seconds',
    help: 'Time from the creation of a task until a worker took it.',
    buckets: WAIT_SECONDS,
    registers: [this.registry],
  });

  private readonly runs = new Histogram({
    name: 'toolyard_task_duration_seconds',
    help: 'Time from the start of the last attempt to the last status.',
    labelNames: ['tool'],
    buckets: TASK_SECONDS,
    registers: [this.registry],
  });

  private readonly uploads = new Counter({
    name: 'toolyard_uploads_bytes_total',
    help: 'Bytes that clients have uploaded and that were stored.',
    registers: [this.registry],
  });

  private readonly quarantines = new Counter({
    name: 'toolyard_plugin_quarantines_total',
    help: 'Plugins that this process has quarantined, because they crashed in too many tasks in a row.',
    registers: [this.registry],
  });

  private readonly depth: Gauge<'state'> = new Gauge({
    name: 'toolyard_queue_depth',
    help: 'Rings in the queue by state. Every process that shares the queue reports the same: take the maximum.',
    labelNames: ['state'],
    registers: [this.registry],
    collect: () => this.measureQueue(),
  });

  constructor(private readonly queue: Queue) {
    collectDefaultMetrics({ register: this.registry });
  }

  observeResponse({ method, route, status, seconds }: ResponseEvent): void {
    const status_class = `${Math.floor(status / 100)}xx`;
    this.requests.observe({ method: KNOWN_METHODS.has(method) ? method : 'other', route, status_class }, seconds);
  }

  /** @param task as it is after a step of its status */
  observeTask({ tool, status, createdAt, startedAt, finishedAt }: ObservedTask): void {
    switch (status) {
      case 'pending':
        return;
      case 'processing':
        if (startedAt) this.waits.observe(secondsBetween(createdAt, startedAt));
        return;
      case 'completed':
      case 'failed':
        if (startedAt && finishedAt) this.runs.observe({ tool }, secondsBetween(startedAt, finishedAt));
        return this.tasks.inc({ tool, status });
      case 'cancelled':
        return this.tasks.inc({ tool, status });
      default:
        return status satisfies never;
    }
  }

  observeFileStored({ origin, bytes }: FileStoredEvent): void {
    if (origin === 'upload') this.uploads.inc(bytes);
  }

  countQuarantine(): void {
    this.quarantines.inc();
  }

  /** Everything, in version 0.0.4 of Prometheus' text format. */
  render(): Promise<string> {
    return this.registry.metrics();
  }

  /** When the queue does not answer there is no depth to report: a stale one would be believed. */
  private async measureQueue(): Promise<void> {
    this.depth.reset();
    const counts = await this.queue.counts().catch(() => ({}));
    for (const [state, count] of Object.entries(counts)) this.depth.set({ state }, count);
  }
}

function secondsBetween(start: Date, end: Date): number {
  return (end.getTime() - start.getTime()) / 1000;
}
