import { type ArgumentsHost, Catch, type ExceptionFilter, Logger } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { OAUTH_ERROR_MEDIA_TYPE, oauthError } from './oauth.document.js';
import { PROBLEM_MEDIA_TYPE, problemDocument } from './problem.document.js';
import { problemFrom } from './problem.from.js';

/** The one place that sends errors: as problems, and where a route says `oauthErrors` as its clients know them. */
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
    const document = problemDocument(problem, { id: request.id, path });
    const [told, type] =
      'oauthErrors' in request.routeOptions.config
        ? [oauthError(document), OAUTH_ERROR_MEDIA_TYPE]
        : [document, PROBLEM_MEDIA_TYPE];
    void reply
      .code(told.status)
      .headers(problem.headers)
      .header('cache-control', 'no-store')
      .type(type)
      .send(JSON.stringify(told));
  }
}
