import { type ArgumentsHost, Catch, type ExceptionFilter, Logger } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { PROBLEM_MEDIA_TYPE, problemDocument } from './problem.document.js';
import { problemFrom } from './problem.from.js';

/** The one place that sends errors. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger(ProblemFilter.name);

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const problem = problemFrom(error);

    if (problem.status >= 500)
      this.logger.error({ request_id: request.id, err: problem.cause ?? problem, msg: problem.code });
    if (reply.raw.headersSent || reply.raw.destroyed) {
      reply.raw.destroy();
      return;
    }
    const path = request.url.split('?', 1)[0] ?? '/';
    void reply
      .code(problem.status)
      .headers(problem.headers)
      .header('cache-control', 'no-store')
      .type(PROBLEM_MEDIA_TYPE)
      .send(JSON.stringify(problemDocument(problem, { id: request.id, path })));
  }
}
