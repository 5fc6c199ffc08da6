import { Controller, Get, Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { afterEach, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { Needs } from '../../src/auth/access.decorators.js';
import { AccessGuard } from '../../src/auth/access.guard.js';
import type { Actor } from '../../src/auth/actor.js';
import { BudgetGuard } from '../../src/auth/budget.guard.js';
import { notAuthenticated } from '../../src/auth/credentials.js';
import { ApiKeys } from '../../src/auth/keys/api-keys.js';
import { AccessTokenGuard } from '../../src/auth/sessions/access-token.guard.js';
import { loadConfig } from '../../src/config/config.load.js';
import { ConfigModule } from '../../src/config/config.module.js';
import { Problem } from '../../src/errors/problem.js';
import { ProblemFilter } from '../../src/errors/problem.filter.js';
import { createServer } from '../../src/http/server.js';
import { LimitsModule } from '../../src/limits/limits.module.js';
import { actor } from './actors.js';

/** Whose key it is stands in the key. */
const KEYS: Pick<ApiKeys, 'authenticate'> = {
  async authenticate(key: string): Promise<Actor> {
    if (key === 'down') throw new Problem('unavailable');
    if (!key.startsWith('of ')) throw notAuthenticated('The API key is not valid.', 'invalid_token');
    return actor(key.slice(3));
  },
};

@Controller()
class GuardedController {
  @Get('allowed')
  @Needs('files:read')
  allowed(): object {
    return {};
  }

  @Get('refused')
  @Needs('users:manage')
  refused(): object {
    return {};
  }

  @Get('forgotten')
  forgotten(): object {
    return {};
  }
}

class GuardedModule {}
Module({
  controllers: [GuardedController],
  providers: [
    { provide: APP_FILTER, useClass: ProblemFilter },
    { provide: ApiKeys, useValue: KEYS },
    { provide: AccessTokenGuard, useValue: {} },
    { provide: APP_GUARD, useClass: AccessGuard },
    { provide: APP_GUARD, useClass: BudgetGuard },
  ],
})(GuardedModule);

describe('the guard that lets in', () => {
  let application: NestFastifyApplication;
  afterEach(() => application.close());

  async function open(): Promise<void> {
    const config = loadConfig({ RATE_LIMIT_STRANGER: '3', RATE_LIMIT_OTHER: '4' });
    const module = {
      module: GuardedModule,
      imports: [ConfigModule.forRoot(config), await LimitsModule.forRoot(config)],
    };
    application = await NestFactory.create<NestFastifyApplication>(
      module,
      await createServer(pino({ level: 'silent' }), config),
      { logger: false, abortOnError: false, bodyParser: false },
    );
    await application.init();
  }

  async function statuses(count: number, url: string, key?: string, remoteAddress = '10.0.0.1'): Promise<number[]> {
    const found = [];
    const headers = key === undefined ? {} : { 'x-api-key': key };
    for (let number = 0; number < count; number++)
      found.push((await application.inject({ url, headers, remoteAddress })).statusCode);
    return found;
  }

  it('lets in whoever has the right, and nobody where a route says nothing of rights', async () => {
    await open();

    expect(await statuses(1, '/allowed', 'of ann')).toEqual([200]);
    expect(await statuses(1, '/refused', 'of ann')).toEqual([403]);
    expect(await statuses(1, '/forgotten', 'of ann')).toEqual([403]);
  });

  it('counts by address who shows nothing, or nothing that is good', async () => {
    await open();

    expect(await statuses(2, '/allowed')).toEqual([401, 401]);
    expect(await statuses(2, '/allowed', 'guessed')).toEqual([401, 429]);
    expect(await statuses(1, '/allowed', 'guessed', '10.0.0.2')).toEqual([401]);
  });

  it('holds the guesses of others against nobody who is known', async () => {
    await open();
    await statuses(4, '/allowed', 'guessed');

    expect(await statuses(1, '/allowed', 'of ann')).toEqual([200]);
  });

  it('counts what is refused to somebody who is known as theirs', async () => {
    await open();

    expect(await statuses(3, '/refused', 'of ann')).toEqual([403, 403, 403]);
    expect(await statuses(2, '/allowed', 'of ann')).toEqual([200, 429]);
    expect(await statuses(1, '/allowed', 'of bob')).toEqual([200]);
  });

  it('holds it against nobody when it cannot find out who asks', async () => {
    await open();

    expect(await statuses(5, '/allowed', 'down')).toEqual([503, 503, 503, 503, 503]);
    expect(await statuses(1, '/allowed')).toEqual([401]);
  });
});
