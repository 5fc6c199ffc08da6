import { type CanActivate, Controller, type ExecutionContext, Get, Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { FastifyRequest } from 'fastify';
import { pino } from 'pino';
import { identify } from '../../src/auth/actor.js';
import { BudgetGuard } from '../../src/auth/budget.guard.js';
import { loadConfig } from '../../src/config/config.load.js';
import { ConfigModule } from '../../src/config/config.module.js';
import { ProblemFilter } from '../../src/errors/problem.filter.js';
import { createServer } from '../../src/http/server.js';
import { Budget } from '../../src/limits/budget.js';
import { LimitsModule } from '../../src/limits/limits.module.js';
import { actor } from './actors.js';

/** Believes who the client says it is. */
class CredulousGuard implements CanActivate {
  canActivate(context: ExecutionContext): true {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const id = request.headers['x-actor'];
    if (typeof id === 'string') identify(request, actor(id));
    return true;
  }
}

@Controller()
class BudgetedController {
  @Get('plain')
  plain(): object {
    return {};
  }

  @Get('status')
  @Budget('status')
  status(): object {
    return {};
  }

  @Get('login')
  @Budget('login')
  login(): object {
    return {};
  }

  @Get('probe')
  @Budget('none')
  probe(): object {
    return {};
  }
}

class BudgetedModule {}
Module({
  controllers: [BudgetedController],
  providers: [
    { provide: APP_FILTER, useClass: ProblemFilter },
    { provide: APP_GUARD, useClass: CredulousGuard },
    { provide: APP_GUARD, useClass: BudgetGuard },
  ],
})(BudgetedModule);

const RATES = {
  RATE_LIMIT_LOGIN: '2',
  RATE_LIMIT_STRANGER: '3',
  RATE_LIMIT_STATUS: '5',
  RATE_LIMIT_OTHER: '4',
};

describe('the guard that counts requests', () => {
  let application: NestFastifyApplication;
  afterEach(() => application.close());

  async function open(env: Readonly<Record<string, string>> = {}): Promise<void> {
    const config = loadConfig({ ...RATES, ...env });
    const module = {
      module: BudgetedModule,
      imports: [ConfigModule.forRoot(config), await LimitsModule.forRoot(config)],
    };
    application = await NestFactory.create<NestFastifyApplication>(
      module,
      await createServer(pino({ level: 'silent' }), config),
      { logger: false, abortOnError: false, bodyParser: false },
    );
    await application.init();
  }

  const ask = (url: string, headers: Record<string, string> = {}, remoteAddress = '10.0.0.1') =>
    application.inject({ url, headers, remoteAddress });

  async function statuses(count: number, url: string, headers?: Record<string, string>): Promise<number[]> {
    const found = [];
    for (let number = 0; number < count; number++) found.push((await ask(url, headers)).statusCode);
    return found;
  }

  it('says in each answer what is allowed and what remains', async () => {
    await open();

    const first = await ask('/status', { 'x-actor': 'a' });
    const second = await ask('/status', { 'x-actor': 'a' });

    expect(first.headers).toMatchObject({ 'ratelimit-policy': '"status";q=5;w=60', ratelimit: '"status";r=4' });
    expect(second.headers).toMatchObject({ 'ratelimit-policy': '"status";q=5;w=60', ratelimit: '"status";r=3' });
  });

  it('refuses what is too much, and says until when', async () => {
    await open();
    expect(await statuses(4, '/plain', { 'x-actor': 'a' })).toEqual([200, 200, 200, 200]);

    const answer = await ask('/plain', { 'x-actor': 'a' });

    expect(answer.statusCode).toBe(429);
    expect(answer.json()).toMatchObject({ error: { code: 'rate_limited', retryable: true } });
    const wait = Number(answer.headers['retry-after']);
    expect(wait).toBeGreaterThanOrEqual(54);
    expect(wait).toBeLessThanOrEqual(66);
    expect(answer.headers['ratelimit']).toBe(`"other";r=0;t=${wait}`);
  });

  it('counts each kind, and each actor, apart', async () => {
    await open();

    expect(await statuses(5, '/plain', { 'x-actor': 'a' })).toEqual([200, 200, 200, 200, 429]);
    expect(await statuses(6, '/status', { 'x-actor': 'a' })).toEqual([200, 200, 200, 200, 200, 429]);
    expect(await statuses(1, '/plain', { 'x-actor': 'b' })).toEqual([200]);
  });

  it('counts by address while it is not known who asks, and actors at that address apart', async () => {
    await open();

    expect(await statuses(4, '/plain')).toEqual([200, 200, 200, 429]);
    expect(await statuses(3, '/login')).toEqual([200, 200, 429]);
    expect((await ask('/plain', {}, '10.0.0.2')).statusCode).toBe(200);
    expect((await ask('/plain', { 'x-actor': 'a' })).statusCode).toBe(200);
  });

  it.each([undefined, '10.0.0.9', '1'])('is not fooled by X-Forwarded-For (TRUST_PROXY %s)', async (trust) => {
    await open(trust === undefined ? {} : { TRUST_PROXY: trust });
    const found = [];
    for (let number = 0; number < 4; number++) {
      const forwarded = `203.0.113.${number}, 198.51.100.7`;
      found.push((await ask('/login', { 'x-forwarded-for': forwarded })).statusCode);
    }

    expect(found).toEqual([200, 200, 429, 429]);
  });

  it('counts neither probes nor what has no limit', async () => {
    await open({ RATE_LIMIT_OTHER: '0' });

    expect(new Set(await statuses(20, '/probe'))).toEqual(new Set([200]));
    expect(new Set(await statuses(20, '/plain', { 'x-actor': 'a' }))).toEqual(new Set([200]));
    expect((await ask('/probe')).headers).not.toHaveProperty('ratelimit');
    expect((await ask('/plain', { 'x-actor': 'a' })).headers).not.toHaveProperty('ratelimit');
  });
});
