/** What an entry is, as far as the archive says. Only files and folders are ever unpacked. */
export type EntryKind =
  | 'file'
  | 'folder'
  | 'symbolic link'
  | 'hard link'
  | 'device'
  | 'pipe'
  | 'sparse file'
  | 'special file';

/** One entry of an archive, in its order. Nothing in it is to be trusted. */
export interface Entry {
  /** As it stands in the archive. */
  readonly path: string;
  readonly kind: EntryKind;
  /** Bytes, as the archive claims; null: it does not say. */
  readonly size: number | null;
  readonly encrypted: boolean;
  /** The bytes, unpacked. To be asked for before the next entry is, if at all. */
  content(): AsyncIterable<Buffer>;
}

/** What an archive is read with. */
export interface Reading {
  readonly signal: AbortSignal;
  /** Told how many of the archive's own bytes have been read since the last time. */
  readonly onRead: (bytes: number) => void;
  /** Told how many bytes came out; throws when they are too many. */
  readonly onUnpacked: (bytes: number) => void;
}
