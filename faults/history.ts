/** What the task must end as. Plain data, recomputed by the harness and never taken from the server. */
export interface Expected {
  readonly status: 'completed' | 'failed' | 'cancelled';
  /** What the tool must have answered; left out where it answers with files. */
  readonly data?: unknown;
  /** SHA-256 of each output, in order. */
  readonly outputs?: readonly string[];
  /** One of these stands in `error.code` of a task that must fail. */
  readonly codes?: readonly string[];
}

/** A task that the server has answered for with 202: from here on it must not be lost. */
export interface Acknowledged {
  readonly id: string;
  /** A word of the harness for this request alone: two rows that carry it are one request twice. */
  readonly tag: string;
  readonly expected: Expected;
}

/** A task as a client saw it. */
export interface Sighting {
  readonly id: string;
  readonly status: string;
  readonly finishedAt: string | null;
}

/** An answer that came, or the wait for one that did not. */
export interface Answer {
  readonly request: string;
  /** 0: the connection broke, which only a dead server may do. */
  readonly status: number;
  readonly ms: number;
}

/** All that the clients of one row sent and saw, in the order in which they did. */
export class History {
  readonly acknowledged: Acknowledged[] = [];
  readonly sightings: Sighting[] = [];
  readonly answers: Answer[] = [];
  /** SHA-256 of everything that was ever sent to be stored, answered or not. */
  readonly sent = new Set<string>();
  private readonly last = new Map<string, Sighting>();

  /** Keeps what differs from the sighting before. */
  saw(sighting: Sighting): void {
    const before = this.last.get(sighting.id);
    if (before?.status === sighting.status && before.finishedAt === sighting.finishedAt) return;
    this.last.set(sighting.id, sighting);
    this.sightings.push(sighting);
  }

  /** Acknowledged tasks that no client has seen finished. */
  unfinished(): Acknowledged[] {
    return this.acknowledged.filter(({ id }) => !isTerminal(this.last.get(id)?.status ?? 'pending'));
  }
}

/** Whether no other status may follow. */
export function isTerminal(status: string): boolean {
  return ['completed', 'failed', 'cancelled'].includes(status);
}
