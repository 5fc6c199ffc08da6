import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http';
import type { Platform } from '../test/platform.ts';

const FINISHED = /"status":"completed".*"finished_at":"([^"]+)"/;

/** Many clients, each of which follows one task on a connection of its own. */
export class Followers implements Disposable {
  /** Milliseconds from the end of a task to the moment at which somebody hears of it. */
  readonly delays: number[] = [];
  /** Requests that have been answered, or begun to be. */
  answers = 0;
  readonly problems: string[] = [];
  private readonly agent = new Agent({ keepAlive: true, maxSockets: Infinity });
  private readonly platform: Platform;
  private isOver = false;
  private readonly open = new Set<ClientRequest>();

  constructor(platform: Platform) {
    this.platform = platform;
  }

  /** Waits for the end of the task, again and again. */
  wait(id: string): void {
    this.send(`/api/v1/tasks/${id}`, { prefer: 'wait=25' }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => {
        if (!this.note(text) && !this.isOver) this.wait(id);
      });
    });
  }

  /** Reads the events of the task. */
  read(id: string): void {
    this.send(`/api/v1/tasks/${id}/events`, {}, (response) => {
      let last = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        last += chunk;
        if (this.note(last)) last = '';
      });
    });
  }

  [Symbol.dispose](): void {
    this.isOver = true;
    for (const sent of this.open) sent.destroy();
    this.agent.destroy();
  }

  private note(text: string): boolean {
    const [, finishedAt] = FINISHED.exec(text) ?? [];
    if (finishedAt === undefined) return false;
    this.delays.push(Date.now() - Date.parse(finishedAt));
    return true;
  }

  private send(path: string, headers: Record<string, string>, answered: (response: IncomingMessage) => void): void {
    const url = this.platform.url + path;
    const sent = request(
      url,
      { agent: this.agent, headers: { ...this.platform.credentials, ...headers } },
      (response) => {
        this.answers += 1;
        if (response.statusCode === 200) return answered(response);
        this.problems.push(`${path}: ${response.statusCode}`);
        response.resume().on('end', () => this.isOver || this.send(path, headers, answered));
      },
    );
    this.open.add(sent);
    sent.on('error', (error) => this.isOver || this.problems.push(`${path}: ${error.message}`));
    sent.on('close', () => this.open.delete(sent));
    sent.end();
  }
}
