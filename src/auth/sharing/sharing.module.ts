import { Global, Module } from '@nestjs/common';
import { MikroOrmModule } from '@mikro-orm/nestjs';
import { Access } from './access.js';
import { Grantees, UserGrantees } from './grantees.js';
import { User } from '../users/user.entity.js';
import { UserStore } from '../users/user.store.js';
import { Share } from './share.entity.js';
import { ShareStore } from './share.store.js';
import { SharesService } from './shares.service.js';

@Global()
@Module({
  imports: [MikroOrmModule.forFeature([Share, User])],
  providers: [ShareStore, UserStore, SharesService, Access, { provide: Grantees, useClass: UserGrantees }],
  exports: [ShareStore, SharesService, Access, Grantees],
})
export class SharingModule {}
