import { Controller, Get, Query, Res, VERSION_NEUTRAL } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Public } from '../auth/access.decorators.js';
import { Budget } from '../limits/budget.js';
import { Readiness } from './readiness.js';

/** Probes. `/health`: the process is alive, whatever else is broken. `/ready`: it can do its work now. */
@ApiExcludeController()
@Public()
@Budget('none')
@Controller({ version: VERSION_NEUTRAL })
export class HealthController {
  constructor(private readonly readiness: Readiness) {}

  @Get('health')
  health(): { status: 'ok' } {
    return { status: 'ok' };
  }

  @Get('ready')
  async ready(@Query('verbose') verbose: string | undefined, @Res() reply: FastifyReply): Promise<void> {
    const { ready, parts } = await this.readiness.ask();
    const status = ready ? 'ready' : 'not_ready';
    reply.header('cache-control', 'no-store');
    if (!ready) reply.code(503).header('retry-after', '2');
    await reply.send(verbose === undefined ? { status } : { status, parts });
  }
}
