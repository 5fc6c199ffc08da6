import { Controller, Delete, Get, HttpCode, Post, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Needs } from '../../auth/access.decorators.js';
import { type Actor, CurrentActor } from '../../auth/actor.js';
import { Documented } from '../../http/documented.js';
import { FILTERS, SCOPES, taskFilter } from './task.filter.js';
import { type Bulk, TaskBulk } from './task.bulk.js';
import { EXPORT_FORMATS, TaskExport } from './task.export.js';

const exportQuery = z.strictObject({ ...FILTERS, ...SCOPES, format: z.enum(EXPORT_FORMATS).default('csv') });

/** A misspelt filter would mean everything, and so would none. */
const bulkQuery = z
  .strictObject(FILTERS)
  .refine((filter) => Object.values(filter).some((value) => value !== undefined), {
    error: 'must say which tasks: status, tool, tag, created_after or created_before',
  });

const bulkSchema = z
  .object({
    count: z.int().describe('How many tasks were changed.'),
    has_more: z.boolean().describe('Whether there are more: ask again. One request changes 500 at most.'),
  })
  .meta({ id: 'Bulk' });

/** What is done to a list as a whole. */
@ApiTags('tasks')
@Controller('tasks')
export class TaskListsController {
  constructor(
    private readonly bulk: TaskBulk,
    private readonly exports: TaskExport,
  ) {}

  @Get('export')
  @Needs('tasks:read')
  @Documented({
    summary: 'Download a list of tasks',
    description:
      'All that the filters find, newest first, as CSV or as one JSON document a line. In CSV, text that a spreadsheet ' +
      'could take for a formula has an apostrophe before it.',
    answers: { 200: { description: 'The list.', mediaType: 'text/csv' } },
    problems: ['invalid_request', 'not_allowed'],
  })
  async export(
    @CurrentActor() actor: Actor,
    @Query({ schema: exportQuery }) { format, shared, owner, ...filter }: z.output<typeof exportQuery>,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.exports.send(actor, { shared, owner, ...taskFilter(filter) }, format, request, reply);
  }

  @Post('cancel')
  @Needs('tasks:write')
  @HttpCode(200)
  @Documented({
    summary: 'Cancel tasks',
    description: 'Those of your own that the filters find and that are not finished.',
    answers: { 200: { description: 'They are cancelled.', schema: bulkSchema } },
    problems: ['invalid_request'],
  })
  async cancel(
    @CurrentActor() actor: Actor,
    @Query({ schema: bulkQuery }) filter: z.output<typeof bulkQuery>,
  ): Promise<Bulk> {
    return this.bulk.cancel(actor, taskFilter(filter));
  }

  @Delete()
  @Needs('tasks:write')
  @Documented({
    summary: 'Remove finished tasks and their outputs',
    description: 'Those of your own that the filters find.',
    answers: { 200: { description: 'They are gone.', schema: bulkSchema } },
    problems: ['invalid_request'],
  })
  async remove(
    @CurrentActor() actor: Actor,
    @Query({ schema: bulkQuery }) filter: z.output<typeof bulkQuery>,
    @Req() request: FastifyRequest,
  ): Promise<Bulk> {
    return this.bulk.remove(actor, taskFilter(filter), request);
  }
}
