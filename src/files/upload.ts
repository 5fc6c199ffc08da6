import type { Readable } from 'node:stream';
import type { File } from './file.entity.js';
import type { FilesService, NewFile } from './files.service.js';

/** The files of one request: all of them are stored, or none. */
export class Upload {
  readonly files: File[] = [];

  constructor(private readonly service: FilesService) {}

  async receive(source: Readable, wanted: NewFile): Promise<File> {
    const file = await this.service.receive(source, wanted);
    this.files.push(file);
    return file;
  }

  /** Removes what was stored, because the request as a whole cannot be answered. */
  async undo(): Promise<void> {
    await this.service.undo(this.files.splice(0).map(({ id }) => id));
  }
}
