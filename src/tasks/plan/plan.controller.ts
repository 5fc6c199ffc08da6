import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Needs } from '../../auth/access.decorators.js';
import { type Actor, CurrentActor } from '../../auth/actor.js';
import { Documented } from '../../http/documented.js';
import { ToolRegistry } from '../../tools/tool.registry.js';
import { type Plan, planRequestSchema, planSchema } from './plan.document.js';
import { TaskPlan } from './task.plan.js';

@ApiTags('tools')
@Controller('tools')
export class PlanController {
  constructor(
    private readonly tools: ToolRegistry,
    private readonly plan: TaskPlan,
  ) {}

  @Post(':tool/plan')
  @Needs('tasks:write')
  @HttpCode(200)
  @Documented({
    summary: 'Ask what would become of a task',
    description: 'Takes the JSON by which a task is created, and creates none: tells whether it would be accepted.',
    answers: { 200: { description: 'The plan.', schema: planSchema } },
    problems: ['malformed_json', 'invalid_request', 'tool_not_found'],
  })
  async make(
    @CurrentActor() actor: Actor,
    @Param('tool', { schema: z.string().max(64) }) name: string,
    @Body({ schema: planRequestSchema }) wanted: z.output<typeof planRequestSchema>,
  ): Promise<Plan> {
    return this.plan.make(actor, this.tools.get(name), wanted);
  }
}
