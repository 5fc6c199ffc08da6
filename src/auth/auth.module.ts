import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { LocalActorGuard } from './local-actor.guard.js';

/** Every route has an actor; there is no way around the guard. */
@Module({ providers: [{ provide: APP_GUARD, useClass: LocalActorGuard }] })
export class AuthModule {}
