import { childrenOf, type ProcessRow, processesWith, readProcess, readProcesses } from './process.table.js';

/** What the processes of a child use together. */
export interface FamilyUse {
  readonly processes: number;
  readonly cpuMs: number;
  readonly residentBytes: number;
}

export interface FamilyTraits {
  /** Absolute path of the child's own directory. */
  readonly directory: string;
  /** Whether it runs in namespaces: then two processes of bubblewrap stand above it, one of them its process 1. */
  readonly wrapped: boolean;
  /** Whether it can start others: then the whole table of processes must be read to know them. */
  readonly mayMultiply: boolean;
}

/**
 * A program that it starts may leave the process group, but keeps the variables of its parent unless it drops them. Not
 * TMPDIR, which a tool has to change for programs that cannot use a long path.
 */
const MARK = 'HOME';
/** New strays can appear while the known ones are ended. */
const PASSES = 3;

/** The processes of one child, as the system lists them. */
export class ChildFamily {
  private init: number | undefined;
  private node: number | undefined;

  /** @param leader the process that was started, leader of its process group */
  constructor(
    private readonly leader: number,
    private readonly traits: FamilyTraits,
  ) {
    if (!traits.wrapped) this.node = leader;
  }

  /** Finds the processes inside, once they are there. Throws when the system does not tell. */
  locate(): void {
    if (this.node !== undefined) return;
    const [init] = childrenOf(this.leader);
    const [node] = init === undefined ? [] : childrenOf(init);
    if (node === undefined) throw new Error('The system does not tell which processes are in a namespace.');
    this.init = init;
    this.node = node;
  }

  /**
   * The process whose end ends all others: process 1 of the namespace. Its parent sees it end and goes, too; were the
   * parent ended itself, nobody would collect process 1. Undefined where only the group can be ended.
   */
  get head(): number | undefined {
    return this.init;
  }

  /** The process in which tools run. */
  get tool(): number | undefined {
    return this.node;
  }

  /** @param table all processes, read once for all who ask at the same time */
  use(table: () => readonly ProcessRow[]): FamilyUse {
    const members = this.members(table);
    return {
      processes: members.length,
      cpuMs: members.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
      residentBytes: members.reduce((sum, { residentBytes }) => sum + residentBytes, 0),
    };
  }

  /** Ends what has left the group. In a namespace nothing can. */
  endStrays(): void {
    if (this.traits.wrapped || !this.traits.mayMultiply) return;
    endProcessesOf(this.traits.directory);
  }

  /** Whether anything runs beside the tool's own process. */
  hasCompany(): boolean {
    return this.traits.mayMultiply && this.members(readProcesses).length > 1;
  }

  private members(table: () => readonly ProcessRow[]): readonly ProcessRow[] {
    if (this.node === undefined) return [];
    if (!this.traits.mayMultiply) return [readProcess(this.node) ?? []].flat();
    const rows = table();
    const kin = new Set(descendants(rows, this.init ?? this.leader));
    const inGroup = ({ pid, group }: ProcessRow): boolean => group === this.leader && pid !== this.init;
    return rows.filter(
      (row) => kin.has(row.pid) || (inGroup(row) && !(this.traits.wrapped && row.pid === this.leader)),
    );
  }
}

/** Ends every process that was started for the directory, or for one below it, wherever it has gone. */
export function endProcessesOf(directory: string): void {
  for (let pass = 0; pass < PASSES; pass += 1) {
    const pids = processesWith(`${MARK}=${directory}/`).filter((pid) => pid !== process.pid);
    if (pids.length === 0) return;
    pids.forEach(endProcess);
  }
}

/** With its group, if it leads one. */
function endProcess(pid: number): void {
  for (const target of [-pid, pid]) {
    try {
      process.kill(target, 'SIGKILL');
    } catch {
      // It has ended by itself, or leads no group.
    }
  }
}

function descendants(rows: readonly ProcessRow[], root: number): number[] {
  const children = Map.groupBy(rows, ({ parent }) => parent);
  const found: number[] = [];
  for (let level = [root]; level.length > 0;) {
    level = level.flatMap((pid) => children.get(pid) ?? []).map(({ pid }) => pid);
    found.push(...level);
  }
  return found;
}
