import { Controller, Get, Module } from '@nestjs/common';
import { APP_FILTER, NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Actor, CurrentActor } from '../../src/auth/actor.js';
import { AuthModule } from '../../src/auth/auth.module.js';
import { Public } from '../../src/auth/public.decorator.js';
import { loadConfig } from '../../src/config/config.load.js';
import { ConfigModule } from '../../src/config/config.module.js';
import { ProblemFilter } from '../../src/errors/problem.filter.js';

@Controller()
class WhoController {
  @Get('who')
  who(@CurrentActor() actor: Actor): Actor {
    return actor;
  }

  @Get('probe')
  @Public()
  probe(): object {
    return {};
  }

  @Get('mistake')
  @Public()
  mistake(@CurrentActor() actor: Actor): Actor {
    return actor;
  }
}

class WhoModule {}
Module({
  imports: [AuthModule],
  controllers: [WhoController],
  providers: [{ provide: APP_FILTER, useClass: ProblemFilter }],
})(WhoModule);

const open = async (env: Readonly<Record<string, string>>): Promise<NestFastifyApplication> => {
  const module = { module: WhoModule, imports: [ConfigModule.forRoot(loadConfig(env))] };
  const application = await NestFactory.create<NestFastifyApplication>(module, new FastifyAdapter(), {
    logger: false,
    abortOnError: false,
  });
  await application.init();
  return application;
};

type Headers = Readonly<Record<string, string>>;

describe.each([
  ['on this machine only', {}],
  ['in a trusted network', { TRUSTED_NETWORK: 'yes', HOST: '0.0.0.0' }],
])('the guard of a server %s', (_, env) => {
  let application: NestFastifyApplication;
  const isOpen = 'HOST' in env;
  beforeAll(async () => {
    application = await open(env);
  });
  afterAll(() => application.close());

  const ask = (headers: Headers, url = '/who') => application.inject({ url, headers });

  it('takes whoever comes through for the local actor', async () => {
    const answer = await ask({ host: '127.0.0.1:8080' });

    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({ id: 'local' });
  });

  it.each([
    '127.0.0.1',
    '127.0.0.1:8080',
    '127.9.9.9:1',
    'localhost',
    'localhost:8080',
    'LOCALHOST:8080',
    '[::1]',
    '[::1]:8080',
  ])('takes the host %s', async (host) => {
    expect((await ask({ host })).statusCode).toBe(200);
  });

  it.each([
    '192.168.1.7:8080',
    '10.0.0.1',
    '[fd00::7]:8080',
    'toolyard',
    'toolyard:8080',
    'nas.local',
    'api.internal',
    'a.home.arpa',
    'x.localhost',
  ])(`${isOpen ? 'takes' : 'refuses'} the host %s`, async (host) => {
    const answer = await ask({ host });

    expect(answer.statusCode).toBe(isOpen ? 200 : 403);
    expect(answer.json().error?.code).toBe(isOpen ? undefined : 'origin_not_allowed');
  });

  it.each([
    'evil.example',
    'evil.example:8080',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    '127.0.0.1@evil.example',
    'evil.example#127.0.0.1',
    'evil.example/127.0.0.1',
    'local.evil',
    'evillocal.com',
    'localhost.',
    'evil.example.',
    ' ',
    'a b',
    '[::1',
    'example:notaport',
  ])('refuses the host %j', async (host) => {
    const answer = await ask({ host });

    expect(answer.statusCode).toBe(403);
    expect(answer.json()).toMatchObject({ error: { code: 'origin_not_allowed', retryable: false } });
  });

  const host = '127.0.0.1:8080';
  it.each<[number, Headers]>([
    [200, { origin: 'http://127.0.0.1:8080' }],
    [200, { origin: 'https://127.0.0.1:8080' }],
    [200, { 'sec-fetch-site': 'same-origin' }],
    [200, { 'sec-fetch-site': 'none' }],
    [200, { referer: 'http://evil.example/' }],
    [403, { origin: 'http://evil.example' }],
    [403, { origin: 'http://127.0.0.1:9999' }],
    [403, { origin: 'http://127.0.0.1' }],
    [403, { origin: 'http://localhost:8080' }],
    [403, { origin: 'null' }],
    [403, { origin: '' }],
    [403, { origin: 'nonsense' }],
    [403, { origin: 'http://127.0.0.1:8080.evil.example' }],
    [403, { origin: 'http://127.0.0.1:8080@evil.example' }],
    [403, { 'sec-fetch-site': 'cross-site' }],
    [403, { 'sec-fetch-site': 'same-site' }],
    [403, { origin: 'http://127.0.0.1:8080', 'sec-fetch-site': 'cross-site' }],
  ])('answers %i to a page that sends %j', async (status, headers) => {
    expect((await ask({ host, ...headers })).statusCode).toBe(status);
  });

  it('asks nothing of whoever wants to know whether the server is there', async () => {
    const answer = await ask({ host: 'evil.example', origin: 'http://evil.example' }, '/probe');

    expect(answer.statusCode).toBe(200);
  });

  it('has no actor for a public route that asks for one by mistake', async () => {
    expect((await ask({ host }, '/mistake')).statusCode).toBe(500);
  });
});
