import { beforeEach, describe, expect, it } from '@jest/globals';
import { Metrics, type ObservedTask } from '../../src/metrics/metrics.registry.js';
import { Queue, type QueueCounts } from '../../src/queue/queue.js';

/** A queue of which only the depth is asked. */
class CountedQueue extends Queue {
  override warnings(): readonly string[] {
    return [];
  }

  depth: () => Promise<QueueCounts> = async () => ({ waiting: 3, delayed: 1, active: 2 });

  counts(): Promise<QueueCounts> {
    return this.depth();
  }
  async push(): Promise<void> {}
  async cancel(): Promise<void> {}
  async consume(): Promise<void> {}
  async close(): Promise<void> {}
}

/** A task that runs and has waited for no time. */
const TASK: ObservedTask = {
  tool: 'echo',
  status: 'processing',
  createdAt: new Date(5_000),
  startedAt: new Date(5_000),
  finishedAt: null,
};

let queue: CountedQueue;
let metrics: Metrics;
beforeEach(() => {
  queue = new CountedQueue();
  metrics = new Metrics(queue);
});

/** The samples of one metric: `name{labels} value`, a line each. */
async function samples(name: string): Promise<string[]> {
  const lines = (await metrics.render()).split('\n');
  return lines.filter((line) => new RegExp(`^${name}(_bucket|_sum|_count)?[{ ]`).test(line));
}

describe('Metrics', () => {
  it('has every metric that is promised, and those of the process', async () => {
    const text = await metrics.render();

    const types = text.split('\n').filter((line) => line.startsWith('# TYPE'));
    expect(types).toEqual(
      expect.arrayContaining([
        '# TYPE http_request_duration_seconds histogram',
        '# TYPE toolyard_tasks_total counter',
        '# TYPE toolyard_task_wait_seconds histogram',
        '# TYPE toolyard_task_duration_seconds histogram',
        '# TYPE toolyard_queue_depth gauge',
        '# TYPE toolyard_uploads_bytes_total counter',
        '# TYPE process_resident_memory_bytes gauge',
        '# TYPE nodejs_eventloop_lag_seconds gauge',
      ]),
    );
  });

  it('counts answered requests by method, route and class of status', async () => {
    metrics.observeResponse({ method: 'GET', route: '/api/v1/tasks/:id', status: 200, seconds: 0.02 });
    metrics.observeResponse({ method: 'GET', route: '/api/v1/tasks/:id', status: 304, seconds: 0.001 });
    metrics.observeResponse({ method: 'GET', route: '/api/v1/tasks/:id', status: 204, seconds: 7 });

    const labels = 'method="GET",route="/api/v1/tasks/:id",status_class';
    const found = await samples('http_request_duration_seconds');
    expect(found).toContain(`http_request_duration_seconds_count{${labels}="2xx"} 2`);
    expect(found).toContain(`http_request_duration_seconds_count{${labels}="3xx"} 1`);
    expect(found).toContain(`http_request_duration_seconds_bucket{le="0.025",${labels}="2xx"} 1`);
    expect(found).toContain(`http_request_duration_seconds_bucket{le="10",${labels}="2xx"} 2`);
  });

  it('does not let clients invent methods', async () => {
    for (const method of ['HACK1', 'HACK2']) {
      metrics.observeResponse({ method, route: 'unknown', status: 400, seconds: 0 });
    }

    const counts = (await samples('http_request_duration_seconds')).filter((line) => line.includes('_count'));
    expect(counts).toEqual([
      'http_request_duration_seconds_count{method="other",route="unknown",status_class="4xx"} 2',
    ]);
  });

  it('counts finished tasks by tool and status, and how long they ran', async () => {
    metrics.observeTask({ ...TASK, status: 'completed', finishedAt: new Date(5_200) });
    metrics.observeTask({ ...TASK, status: 'completed', finishedAt: new Date(3_005_000) });
    metrics.observeTask({ ...TASK, status: 'cancelled', finishedAt: new Date(6_000) });

    expect(await samples('toolyard_tasks_total')).toEqual([
      'toolyard_tasks_total{tool="echo",status="completed"} 2',
      'toolyard_tasks_total{tool="echo",status="cancelled"} 1',
    ]);
    const durations = await samples('toolyard_task_duration_seconds');
    expect(durations).toContain('toolyard_task_duration_seconds_count{tool="echo"} 2');
    expect(durations).toContain('toolyard_task_duration_seconds_bucket{le="0.25",tool="echo"} 1');
    expect(durations).toContain('toolyard_task_duration_seconds_bucket{le="3600",tool="echo"} 2');
  });

  it('measures how long tasks waited', async () => {
    metrics.observeTask({ ...TASK, status: 'pending', startedAt: null });
    metrics.observeTask({ ...TASK, createdAt: new Date(4_800) });

    const waits = await samples('toolyard_task_wait_seconds');
    expect(waits).toContain('toolyard_task_wait_seconds_bucket{le="0.1"} 0');
    expect(waits).toContain('toolyard_task_wait_seconds_bucket{le="0.25"} 1');
    expect(waits).toContain('toolyard_task_wait_seconds_sum 0.2');
  });

  it('counts the bytes that clients sent, not those that tools made', async () => {
    metrics.observeFileStored({ origin: 'upload', bytes: 1000 });
    metrics.observeFileStored({ origin: 'upload', bytes: 24 });
    metrics.observeFileStored({ origin: 'output', bytes: 7 });

    expect(await samples('toolyard_uploads_bytes_total')).toEqual(['toolyard_uploads_bytes_total 1024']);
  });

  it('asks the queue for its depth at each scrape', async () => {
    expect(await samples('toolyard_queue_depth')).toEqual([
      'toolyard_queue_depth{state="waiting"} 3',
      'toolyard_queue_depth{state="delayed"} 1',
      'toolyard_queue_depth{state="active"} 2',
    ]);

    queue.depth = async () => ({ waiting: 0, delayed: 0, active: 0 });
    expect(await samples('toolyard_queue_depth')).toContain('toolyard_queue_depth{state="waiting"} 0');
  });

  it('reports no depth, but everything else, while the queue does not answer', async () => {
    await metrics.render();
    queue.depth = () => Promise.reject(new Error('no Redis'));

    expect(await samples('toolyard_queue_depth')).toEqual([]);
    expect(await samples('toolyard_uploads_bytes_total')).toHaveLength(1);
  });

  it('has no label that could hold an id, a user or a name', async () => {
    metrics.observeResponse({ method: 'GET', route: '/', status: 200, seconds: 0 });
    metrics.observeTask({ ...TASK, status: 'completed', finishedAt: new Date(6_000) });

    const ours = (await metrics.render()).split('\n').filter((line) => /^(http|toolyard)_/.test(line));
    const labels = new Set(ours.flatMap((line) => [...line.matchAll(/[{,](\w+)="/g)].map((match) => match[1])));
    expect(labels).toEqual(new Set(['le', 'method', 'route', 'state', 'status', 'status_class', 'tool']));
  });
});
