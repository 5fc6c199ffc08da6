import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Needs } from '../../auth/access.decorators.js';
import { type Actor, CurrentActor } from '../../auth/actor.js';
import { sourceOf } from '../../auth/audit/audit.source.js';
import { FileAccess } from '../../files/file.access.js';
import { FilesService } from '../../files/files.service.js';
import { Documented } from '../../http/documented.js';
import { pageSchema } from '../../http/page.js';
import { Creates } from '../../idempotency/creates.decorator.js';
import { permissionsSchema } from '../../plugins/plugin.manifest.js';
import { InstalledPlugins } from './installed.plugins.js';
import { PluginAdmin } from './plugin.admin.js';
import { type PluginDocument, pluginSchema } from './plugin.document.js';
import { PluginList } from './plugin.list.js';
import { PluginSwitch } from './plugin.switch.js';

const name = { schema: z.string().max(100) };
const version = z.string().max(64).optional();
const pluginPage = pageSchema(pluginSchema).meta({ id: 'PluginPage' });
const newPlugin = z
  .strictObject({ file_id: z.uuid().describe('A file of yours: the package, as `toolyard plugin pack` makes it.') })
  .meta({ id: 'NewPlugin' });
const enabling = z
  .strictObject({
    version: version.describe('Default: the one that waits, or else the one that new tasks get.'),
    approve: permissionsSchema
      .optional()
      .describe('The permissions of that version, exactly. Needed for a version that was never enabled.'),
    untested: z
      .boolean()
      .default(false)
      .describe('Whether it is taken although tools of it have no cases. Those that there are must be passed.'),
  })
  .meta({ id: 'PluginEnabling' });
const removal = z.strictObject({ version: version.describe('Default: all of them.') });

/** Children unpack and describe packages and run their cases: each has limits of its own. */
const TakesItsTime = () => RouteConfig({ ownTime: true });

@ApiTags('plugins')
@Controller('plugins')
@Needs('plugins:manage')
export class PluginsController {
  constructor(
    private readonly list: PluginList,
    private readonly admin: PluginAdmin,
    private readonly plugins: PluginSwitch,
    private readonly access: FileAccess,
    private readonly files: FilesService,
    private readonly installed: InstalledPlugins,
  ) {}

  @Get()
  @Documented({
    summary: 'List the plugins, by name',
    description: 'Those that came with Toolyard and those that were installed, all on one page.',
    answers: { 200: { description: 'The plugins.', schema: pluginPage } },
  })
  async all(): Promise<z.output<typeof pluginPage>> {
    return { data: await this.list.all(), page: { next_cursor: null, has_more: false } };
  }

  @Get(':name')
  @Documented({
    summary: 'Describe a plugin',
    answers: { 200: { description: 'The plugin.', schema: pluginSchema } },
    problems: ['plugin_not_found'],
  })
  async find(@Param('name', name) plugin: string): Promise<PluginDocument> {
    return this.list.one(plugin);
  }

  @Post()
  @Creates()
  @TakesItsTime()
  @Documented({
    summary: 'Install a version of a plugin',
    description:
      'Upload the package first. What it asks for is in the answer; nothing of it is used before it is enabled.',
    answers: { 201: { description: 'The plugin, with the version that waits.', schema: pluginSchema } },
    problems: ['invalid_request', 'file_not_found', 'file_not_scanned', 'plugin_refused', 'plugin_exists'],
  })
  async install(
    @CurrentActor() actor: Actor,
    @Body({ schema: newPlugin }) { file_id }: z.output<typeof newPlugin>,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PluginDocument> {
    const file = await this.access.usable(actor, file_id);
    const directory = await mkdtemp(join(tmpdir(), 'toolyard-install-'));
    try {
      const path = join(directory, 'package.tgz');
      await this.files.link(file.id, path, false);
      const row = await this.admin.install(path, `file ${file.name}`, sourceOf(request));
      reply.header('location', `/api/v1/plugins/${encodeURIComponent(row.name)}`);
      return await this.list.one(row.name);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }

  @Post(':name/enable')
  @HttpCode(200)
  @TakesItsTime()
  @Documented({
    summary: 'Let a plugin be used, or another version of it',
    description:
      'Also lifts a quarantine. A version is enabled when it passes its own cases here, at least one for each tool; tasks that have another version keep it.',
    answers: { 200: { description: 'The plugin.', schema: pluginSchema } },
    problems: [
      'invalid_request',
      'plugin_not_found',
      'permissions_not_approved',
      'plugin_refused',
      'plugin_failed_cases',
      'plugin_untested',
    ],
  })
  async enable(
    @Param('name', name) plugin: string,
    @Body({ schema: enabling }) wanted: z.output<typeof enabling>,
    @Req() request: FastifyRequest,
  ): Promise<PluginDocument> {
    await this.plugins.enable(plugin, wanted, sourceOf(request));
    await this.installed.refresh();
    return this.list.one(plugin);
  }

  @Post(':name/disable')
  @HttpCode(200)
  @Documented({
    summary: 'Let nobody use a plugin',
    description: 'Its tools are listed with the reason. Tasks that wait for them go on waiting.',
    answers: { 200: { description: 'The plugin.', schema: pluginSchema } },
    problems: ['plugin_not_found'],
  })
  async disable(@Param('name', name) plugin: string, @Req() request: FastifyRequest): Promise<PluginDocument> {
    await this.plugins.disable(plugin, sourceOf(request));
    await this.installed.refresh();
    return this.list.one(plugin);
  }

  @Delete(':name')
  @HttpCode(204)
  @Documented({
    summary: 'Remove an installed plugin, or one version of it',
    description: 'Refused while tasks wait or run that were created with it. A removed plugin is not kept anywhere.',
    answers: { 204: { description: 'It is removed.' } },
    problems: ['invalid_request', 'plugin_not_found', 'plugin_in_use'],
  })
  async remove(
    @Param('name', name) plugin: string,
    @Query({ schema: removal }) { version }: z.output<typeof removal>,
    @Req() request: FastifyRequest,
  ): Promise<void> {
    await this.admin.remove(plugin, version, sourceOf(request));
    await this.installed.refresh();
  }
}
