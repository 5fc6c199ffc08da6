import { DataStore, Upload } from '@tus/server';
import type { Readable } from 'node:stream';
import type { Actor } from '../../auth/actor.js';
import type { OpenUpload, ResumableUploads } from './resumable.uploads.js';
import type { PieceChecksum } from './upload.checksum.js';

/** The uploads of one actor, as the protocol sees them during one request. */
export class TusStore extends DataStore {
  override extensions = ['creation', 'creation-with-upload', 'termination', 'expiration', 'checksum'];

  /** @param removeFile how an upload is removed that is a file already */
  constructor(
    private readonly uploads: ResumableUploads,
    private readonly actor: Actor,
    private readonly removeFile: (id: string) => Promise<void>,
    private readonly checksum: PieceChecksum | undefined,
  ) {
    super();
  }

  override async create(wanted: Upload): Promise<Upload> {
    const { id, size = 0, metadata = {} } = wanted;
    await this.uploads.begin({ id, owner: this.actor.id, length: size, metadata });
    return wanted;
  }

  override async getUpload(id: string): Promise<Upload> {
    const open = await this.find(id);
    const { upload } = open;
    return new Upload({
      id,
      size: upload.length,
      offset: await this.uploads.offset(open),
      metadata: { ...upload.metadata },
      // The library adds the life of an upload to this.
      creation_date: new Date(upload.expiresAt.getTime() - this.uploads.lifeMs).toISOString(),
    });
  }

  override async write(piece: Readable, id: string, offset: number): Promise<number> {
    return this.uploads.append(await this.find(id), piece, offset, this.checksum);
  }

  override async remove(id: string): Promise<void> {
    const open = await this.find(id);
    if (open.file.storedAt) await this.removeFile(id);
    await this.uploads.remove(open);
  }

  override getExpiration(): number {
    return this.uploads.lifeMs;
  }

  private find(id: string): Promise<OpenUpload> {
    return this.uploads.find(this.actor.id, id);
  }
}
