import { Body, Controller, Get, Header, Module, Param, Post, Req, Res } from '@nestjs/common';
import { APP_FILTER, NestFactory } from '@nestjs/core';
import { type NestFastifyApplication, RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { pino } from 'pino';
import { loadConfig } from '../../src/config/config.load.js';
import { ProblemFilter } from '../../src/errors/problem.filter.js';
import { createServer, type EdgeConfig } from '../../src/http/server.js';

export type Answer = (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;

/** A few routes of every sort on the real server, and what they do is up to the test. */
export class SmallApp implements AsyncDisposable {
  /** Lines of the log, as they are written. */
  readonly log: Record<string, unknown>[] = [];
  /** What `POST /form`, `POST /raw` and `GET /any` answer. */
  answer: Answer = async () => ({});
  private application: NestFastifyApplication | undefined;

  /** Without listening: for `inject`. */
  static async open(edge: Partial<EdgeConfig> = {}): Promise<SmallApp> {
    const small = new SmallApp();
    const write = (line: string): void => void small.log.push(JSON.parse(line));
    const config: EdgeConfig = Object.assign({}, loadConfig({ SHUTDOWN_GRACE_MS: '0' }), edge);
    const adapter = await createServer(pino({ level: 'debug' }, { write }), config);
    const module = { module: SmallModule, providers: [{ provide: SmallApp, useValue: small }] };
    small.application = await NestFactory.create<NestFastifyApplication>(module, adapter, {
      logger: false,
      abortOnError: false,
      bodyParser: false,
    });
    await small.application.init();
    await adapter.getInstance().ready();
    return small;
  }

  get nest(): NestFastifyApplication {
    if (!this.application) throw new Error('The application is not open.');
    return this.application;
  }

  /** The URL of a port of its own. */
  async listen(): Promise<string> {
    await this.nest.listen(0, '127.0.0.1');
    return this.nest.getUrl();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.application?.close();
  }
}

@Controller()
class SmallController {
  constructor(private readonly small: SmallApp) {}

  @Get('things')
  list(): unknown {
    return [];
  }

  @Get('things/:id')
  find(@Param('id') id: string): unknown {
    return { id };
  }

  @Post('things/:id')
  change(@Body() body: unknown): unknown {
    return { body };
  }

  @Get('health')
  health(): unknown {
    return {};
  }

  @Get('any')
  any(@Req() request: FastifyRequest): Promise<unknown> {
    return this.small.answer(request, undefined as never);
  }

  @Get('own')
  @Header('x-own', 'yes')
  async own(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.small.answer(request, reply);
  }

  @Post('form')
  form(@Req() request: FastifyRequest): Promise<unknown> {
    return this.small.answer(request, undefined as never);
  }

  @Post('raw')
  @RouteConfig({ rawUpload: true })
  raw(@Req() request: FastifyRequest): Promise<unknown> {
    return this.small.answer(request, undefined as never);
  }
}

@Module({ controllers: [SmallController], providers: [{ provide: APP_FILTER, useClass: ProblemFilter }] })
class SmallModule {}
