import { type Handler, type PushOptions, Queue, type QueueCounts } from '../../src/queue/queue.js';

export interface Ring extends PushOptions {
  readonly id: string;
}

/** Keeps the rings instead of ringing, so that a test can look at them. Answers nothing while it is `down`. */
export class RecordingQueue extends Queue {
  readonly rings: Ring[] = [];
  down = false;

  override async push(id: string, options: PushOptions = {}): Promise<void> {
    if (this.down) throw new Error('The queue does not answer.');
    this.rings.push({ id, ...options });
  }

  override async cancel(): Promise<void> {}
  override async consume(_concurrency: number, _handler: Handler): Promise<void> {}
  override async close(): Promise<void> {}

  override warnings(): readonly string[] {
    return [];
  }

  override async counts(): Promise<QueueCounts> {
    return { waiting: this.rings.length, delayed: 0, active: 0 };
  }
}
