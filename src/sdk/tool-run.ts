/** A file that the user gave. Its bytes cannot be changed by the tool. */
export interface InputFile {
  /** Absolute path, readable only. */
  readonly path: string;
  /** The name that the user gave it. Data, never part of a path. */
  readonly name: string;
  /** The MIME type detected from the bytes. */
  readonly type: string;
  /** Length in bytes. */
  readonly size: number;
}

/** A file that the tool made. */
export interface OutputFile {
  /** Absolute path inside the workspace. */
  readonly path: string;
  /** The name that the user shall see; by default the last part of the path. */
  readonly name?: string;
}

/** What a run ends with: files, data, or both. */
export interface ToolResult {
  /** In the order in which the user shall see them. Each becomes a file of the user's, its type detected from the bytes. */
  readonly outputs?: readonly OutputFile[];
  /** JSON for the user, shown in the task document. At most 1 MB. */
  readonly data?: unknown;
}

/** What a program printed that ended well. One that ends with another code than 0 makes `exec` reject. */
export interface ExecResult {
  /** As UTF-8; with stderr at most 10 MB, else `exec` rejects. */
  readonly stdout: string;
  /** The same. */
  readonly stderr: string;
}

export interface ExecOptions {
  /** Given each whole line that the program prints to stdout, as soon as it does, without the line end. For progress. */
  readonly onLine?: (line: string) => void;
}

/** Lines about this run, for whoever has asked for it and for the operator; the first 500 of each run are kept. */
export interface ToolLog {
  /** What went as it should. */
  readonly info: (message: string) => void;
  /** What the user may want to know of. */
  readonly warn: (message: string) => void;
  /** What went wrong, without ending the run. */
  readonly error: (message: string) => void;
}

/** All that a tool is given for one run. */
export interface ToolRun<Options = Record<string, unknown>> {
  /** Names the run to other systems, such as in the header `X-Request-Id`: the id of the task. */
  readonly id: string;
  /** As many as the task has, in its order; no more than `limits.maxInputs`. There can be none. */
  readonly inputs: readonly InputFile[];
  /** The options, checked and with their defaults. */
  readonly options: Options;
  /** Absolute path of a private, writable, empty directory. It is always removed after the run. */
  readonly workspace: string;
  /** Aborted when the task is cancelled or out of time. Some seconds later the process is ended. */
  readonly signal: AbortSignal;
  /** Says how far the work is (0 to 1), and in a few words what is being done. */
  readonly progress: (ratio: number, message?: string) => void;
  /** Runs a program that the manifest names under `permissions.exec`; no shell, killed with the run. */
  readonly exec: (binary: string, args: readonly string[], options?: ExecOptions) => Promise<ExecResult>;
  /** For lines about the run. What the tool prints otherwise goes to the operator only. */
  readonly log: ToolLog;
}
