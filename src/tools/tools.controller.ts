import { Controller, Get, Headers, Param, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { Needs } from '../auth/access.decorators.js';
import { sendDocument } from '../http/document.js';
import { Documented } from '../http/documented.js';
import { pageSchema } from '../http/page.js';
import { toolDocument, toolSchema } from './tool.document.js';
import { ToolRegistry } from './tool.registry.js';

const listQuery = z.object({
  category: z.string().max(64).optional().describe('Only tools of this category.'),
});
const toolPage = pageSchema(toolSchema).meta({ id: 'ToolPage' });

@ApiTags('tools')
@Controller('tools')
export class ToolsController {
  constructor(private readonly tools: ToolRegistry) {}

  @Get()
  @Needs('tools:read')
  @Documented({
    summary: 'List the tools, by name',
    description: 'All on one page. Tools that cannot be used are listed with the reason. Knows If-None-Match.',
    answers: { 200: { description: 'The tools.', schema: toolPage }, 304: { description: 'Nothing has changed.' } },
  })
  async list(
    @Query({ schema: listQuery }) { category }: z.output<typeof listQuery>,
    @Headers('if-none-match') known: string | undefined,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const tools = this.tools.list().filter((tool) => category === undefined || tool.category === category);
    const document = { data: tools.map(toolDocument), page: { next_cursor: null, has_more: false } };
    await sendDocument(reply, document, known);
  }

  @Get(':tool')
  @Needs('tools:read')
  @Documented({
    summary: 'Describe a tool',
    description: 'With the JSON Schema of its options. Knows If-None-Match.',
    answers: { 200: { description: 'The tool.', schema: toolSchema }, 304: { description: 'Nothing has changed.' } },
    problems: ['tool_not_found'],
  })
  async find(
    @Param('tool', { schema: z.string().max(64) }) name: string,
    @Headers('if-none-match') known: string | undefined,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await sendDocument(reply, toolDocument(this.tools.get(name)), known);
  }
}
