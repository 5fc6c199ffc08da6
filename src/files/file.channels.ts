import { Channel } from '../telemetry/channel.js';

/** A file has been stored, for whoever counts. */
export interface FileStoredEvent {
  /** A client sent it, or a tool made it. */
  readonly origin: 'upload' | 'output';
  readonly bytes: number;
}

export const fileStored = new Channel<FileStoredEvent>('toolyard:file:stored');
