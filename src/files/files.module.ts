import { type DynamicModule, Module } from '@nestjs/common';
import { MikroOrmModule } from '@mikro-orm/nestjs';
import { FileDelivery } from './file.delivery.js';
import { File } from './file.entity.js';
import { FileStore } from './file.store.js';
import { FileUploads } from './file.uploads.js';
import { FilesController } from './files.controller.js';
import { FilesService } from './files.service.js';

@Module({})
export class FilesModule {
  /** @param http whether this process answers requests for files */
  static forRoot(http: boolean): DynamicModule {
    return {
      module: FilesModule,
      global: true,
      imports: [MikroOrmModule.forFeature([File])],
      controllers: http ? [FilesController] : [],
      providers: [FileStore, FilesService, FileUploads, FileDelivery],
      exports: [FilesService, FileDelivery],
    };
  }
}
