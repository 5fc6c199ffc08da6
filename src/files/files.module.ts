import { type DynamicModule, Module } from '@nestjs/common';
import { MikroOrmModule } from '@mikro-orm/nestjs';
import { FileAccess } from './file.access.js';
import { FileDelivery } from './file.delivery.js';
import { File } from './file.entity.js';
import { FileLinks } from './file.links.js';
import { FileLinksController } from './file-links.controller.js';
import { FileQuota } from './file.quota.js';
import { FileSharesController } from './file-shares.controller.js';
import { FileStore } from './file.store.js';
import { FileUploads } from './file.uploads.js';
import { DeferredScans } from './scanning/deferred.scans.js';
import { FileScans } from './scanning/file.scans.js';
import { FilesController } from './files.controller.js';
import { FilesService } from './files.service.js';
import { ExpiredUploads } from './uploads/expired.uploads.js';
import { ResumableUploads } from './uploads/resumable.uploads.js';
import { TusServer } from './uploads/tus.server.js';
import { ResumableUpload } from './uploads/upload.entity.js';
import { UploadLocks } from './uploads/upload.locks.js';
import { UploadStore } from './uploads/upload.store.js';
import { UploadsController } from './uploads/uploads.controller.js';

/** Uploads that come in pieces. */
const RESUMABLE = [UploadStore, ResumableUploads, UploadLocks, TusServer, ExpiredUploads];

@Module({})
export class FilesModule {
  /** @param http whether this process answers requests for files */
  static forRoot(http: boolean): DynamicModule {
    return {
      module: FilesModule,
      global: true,
      imports: [MikroOrmModule.forFeature([File, ResumableUpload])],
      controllers: http ? [FilesController, FileLinksController, FileSharesController, UploadsController] : [],
      providers: [
        FileStore,
        FileQuota,
        FileScans,
        DeferredScans,
        FilesService,
        FileAccess,
        ...(http ? [FileUploads, FileDelivery, FileLinks, ...RESUMABLE] : []),
      ],
      exports: [FileQuota, FilesService, FileAccess, ...(http ? [FileDelivery] : [])],
    };
  }
}
