export interface Ranked {
  /** A higher one is taken earlier. */
  readonly priority: number;
  /** Decides between equal priorities: a lower one is taken earlier. */
  readonly order: number;
}

/** A line in which the highest priority stands first, and the earliest of equals (a binary heap). */
export class EarliestFirst<T extends Ranked> {
  private readonly heap: T[] = [];

  /** Costs the same however long the line is, unless the newcomer overtakes others. */
  add(newcomer: T): void {
    let index = this.heap.length;
    while (index > 0) {
      const above = (index - 1) >> 1;
      const parent = this.heap[above];
      if (parent === undefined || !isEarlier(newcomer, parent)) break;
      this.heap[index] = parent;
      index = above;
    }
    this.heap[index] = newcomer;
  }

  /** Takes out the first, or answers undefined when nobody stands in line. */
  take(): T | undefined {
    const first = this.heap[0];
    const last = this.heap.pop();
    if (last !== undefined && last !== first) this.sink(last);
    return first;
  }

  /** Fills the empty place at the top. */
  private sink(item: T): void {
    let index = 0;
    for (;;) {
      const below = this.earlierBelow(index);
      const child = this.heap[below];
      if (child === undefined || isEarlier(item, child)) break;
      this.heap[index] = child;
      index = below;
    }
    this.heap[index] = item;
  }

  private earlierBelow(index: number): number {
    const left = 2 * index + 1;
    const [one, other] = [this.heap[left], this.heap[left + 1]];
    return one && other && isEarlier(other, one) ? left + 1 : left;
  }
}

function isEarlier(one: Ranked, other: Ranked): boolean {
  return one.priority === other.priority ? one.order < other.order : one.priority > other.priority;
}
