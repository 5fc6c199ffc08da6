import { Module } from '@nestjs/common';
import { McpController } from './mcp.controller.js';
import { McpFiles } from './mcp.files.js';
import { McpServer } from './mcp.server.js';
import { McpTasks } from './mcp.tasks.js';

/** The Model Context Protocol. Needs tools, tasks and files from modules that are global. */
@Module({ controllers: [McpController], providers: [McpServer, McpTasks, McpFiles] })
export class McpModule {}
