import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Needs } from '../auth/access.decorators.js';
import { type Actor, CurrentActor } from '../auth/actor.js';
import { QUOTA_NAMES } from '../errors/problem.js';
import { FileQuota } from '../files/file.quota.js';
import { Documented } from '../http/documented.js';
import { TaskQuota } from './task.quota.js';

const quotaList = z
  .object({
    data: z.array(
      z.object({
        quota: z.enum(QUOTA_NAMES),
        limit: z.int().nullable().describe('Null: there is no limit.'),
        used: z.int(),
        until: z.iso
          .datetime()
          .nullable()
          .describe('When counting begins anew; null where things count until they are gone.'),
      }),
    ),
  })
  .meta({ id: 'QuotaList' });

@ApiTags('quota')
@Controller('quota')
export class QuotaController {
  constructor(
    private readonly files: FileQuota,
    private readonly tasks: TaskQuota,
  ) {}

  @Get()
  @Needs('tasks:read')
  @Documented({
    summary: 'See what you have used, and what you may use',
    answers: { 200: { description: 'Every quota.', schema: quotaList } },
  })
  async list(@CurrentActor() actor: Actor): Promise<z.output<typeof quotaList>> {
    const uses = [...(await this.files.uses(actor.id)), ...(await this.tasks.uses(actor.id))];
    return { data: uses.map((use) => ({ ...use, limit: use.limit === 0 ? null : use.limit })) };
  }
}
