import { channel } from 'node:diagnostics_channel';

/** A file has been stored, for whoever counts. */
export interface FileStoredEvent {
  /** A client sent it, or a tool made it. */
  readonly origin: 'upload' | 'output';
  readonly bytes: number;
}

export const fileStored = channel('toolyard:file:stored');
