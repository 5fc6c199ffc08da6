/** A row of a task as the database has it, read past the server. */
export interface TaskRow {
  readonly id: string;
  readonly tag: string | null;
  readonly status: string;
  readonly attempt: number;
  readonly data: unknown;
  readonly inputs: readonly { readonly file_id: string }[];
  readonly outputs: readonly { readonly file_id: string; readonly sha256: string }[];
  readonly error: { readonly code: string } | null;
  readonly leaseOwner: string | null;
}

/** A row of a file. */
export interface FileRow {
  readonly id: string;
  readonly sha256: string;
  /** All its bytes had come. */
  readonly stored: boolean;
  /** Its bytes were removed on purpose. */
  readonly purged: boolean;
}

/** A file in the directory of the storage. */
export interface StoredFile {
  /** The last part of its path: the id of its row, or that with `.part` behind it. */
  readonly name: string;
  readonly sha256: string;
}
