import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer, type Client, unexpected } from './client.ts';

/** How much of the usual duration the latest task decides. */
const WEIGHT = 0.1;

/**
 * When clients ask for their tasks: after as long as such tasks take lately, and then every few milliseconds. Whoever
 * asks without pause is told of the end at once, but what the server does meanwhile is to answer.
 */
export class Pace {
  private readonly askAgainMs: number;
  private usualMs = 0;
  private polls = 0;
  private tasks = 0;

  constructor(askAgainMs: number) {
    this.askAgainMs = askAgainMs;
  }

  get pollsPerTask(): number {
    return this.polls / this.tasks;
  }

  /** Resolves when the task is completed. @throws when it fails */
  async follow(client: Client, id: string): Promise<void> {
    await sleep(this.usualMs);
    for (;;) {
      const answer = await client.get(`/api/v1/tasks/${id}`);
      this.polls++;
      if (isCompleted(answer)) return this.learn(answer.body.toString('latin1'));
      await sleep(this.askAgainMs);
    }
  }

  private learn(task: string): void {
    const tookMs = time(task, 'finished_at') - time(task, 'created_at');
    this.usualMs += WEIGHT * (tookMs - this.usualMs);
    this.tasks++;
  }
}

/** The id of the task that the server has just created; nothing else of the answer is looked at. */
export function taskId(answer: Answer): string {
  const id = /"task_id":"([^"]+)"/.exec(answer.body.toString('latin1'))?.[1];
  if (answer.status !== 202 || id === undefined) throw unexpected(answer);
  return id;
}

function isCompleted(answer: Answer): boolean {
  const status = /"status":"(\w+)"/.exec(answer.body.toString('latin1'))?.[1];
  if (answer.status !== 200 || status === 'failed' || status === 'cancelled') throw unexpected(answer);
  return status === 'completed';
}

function time(task: string, field: string): number {
  return Date.parse(new RegExp(`"${field}":"([^"]+)"`).exec(task)?.[1] ?? '');
}
