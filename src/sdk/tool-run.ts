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
  readonly outputs?: readonly OutputFile[];
  /** JSON for the user, shown in the task document. At most 1 MB. */
  readonly data?: unknown;
}

export interface ExecResult {
  readonly stdout: string;
  readonly stderr: string;
}

export interface ExecOptions {
  /** Given each whole line that the program prints to stdout, as soon as it does, without the line end. For progress. */
  readonly onLine?: (line: string) => void;
}

/** Lines about this run, for whoever has asked for it and for the operator; the first 500 of each run are kept. */
export interface ToolLog {
  readonly info: (message: string) => void;
  readonly warn: (message: string) => void;
  readonly error: (message: string) => void;
}

/** All that a tool is given for one run. */
export interface ToolRun<Options = Record<string, unknown>> {
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
  readonly log: ToolLog;
}
