import { buffer } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { ReadResourceResult, Resource } from '@modelcontextprotocol/sdk/types.js';
import type { Actor } from '../auth/actor.js';
import { Config } from '../config/config.js';
import { Problem } from '../errors/problem.js';
import { FileAccess } from '../files/file.access.js';
import { FileDelivery } from '../files/file.delivery.js';
import { filePath } from '../files/file.document.js';
import { FilesService } from '../files/files.service.js';
import { Upload } from '../files/upload.js';
import { acceptType } from '../tasks/task.acceptance.js';
import type { TaskFile } from '../tasks/task.entity.js';
import type { WantedInput } from '../tasks/task.inputs.js';
import type { Tool } from '../tools/tool.js';
import type { McpInput } from './mcp.tool.js';

/** A model reads no more in one piece; larger files are downloaded under the same address. */
const MOST_READ_BYTES = 4 * 2 ** 20;
const MOST_LISTED = 100;
const CONTENT = /\/api\/v1\/files\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\/content$/;

/** Files, as the protocol sees them: inputs that are ids or small, and outputs under the address of their bytes. */
@Injectable()
export class McpFiles {
  constructor(
    private readonly files: FilesService,
    private readonly access: FileAccess,
    private readonly delivery: FileDelivery,
    private readonly config: Config,
  ) {}

  /** What the call carries becomes files; the answer is each input, in order, as a task names it. */
  async receive(actor: Actor, tool: Tool, inputs: readonly McpInput[], upload: Upload): Promise<WantedInput[]> {
    const wanted: WantedInput[] = [];
    for (const [index, input] of inputs.entries()) {
      if ('file_id' in input) wanted.push(input.file_id);
      else if ('url' in input) wanted.push(elsewhere(actor, input.url));
      else wanted.push(await this.store(actor, tool, input, { upload, index }));
    }
    return wanted;
  }

  /** For what can be undone together. */
  newUpload(): Upload {
    return new Upload(this.files);
  }

  link({ file_id: id, name, type, size }: TaskFile, request: FastifyRequest): Resource & { type: 'resource_link' } {
    return { type: 'resource_link', ...this.resource({ id, name, type, size }, request) };
  }

  async list(actor: Actor, request: FastifyRequest): Promise<Resource[]> {
    refuseWithout(actor, 'files:read');
    return (await this.access.list(actor, {}, MOST_LISTED)).map((file) => this.resource(file, request));
  }

  async read(actor: Actor, uri: string, request: FastifyRequest): Promise<ReadResourceResult> {
    refuseWithout(actor, 'files:read');
    const id = CONTENT.exec(uri)?.[1];
    if (id === undefined) throw new Problem('file_not_found', 'This is not the address of a file.');
    const file = await this.access.usable(actor, id);
    if (file.size > MOST_READ_BYTES)
      throw new Problem('file_too_large', `Files above ${MOST_READ_BYTES} bytes are downloaded by HTTP, at ${uri}.`);
    const bytes = await buffer(await this.files.read(file));
    this.delivery.noteDownload(`file:${id}`, request, { name: file.name, by: 'mcp' });
    const content = { uri, mimeType: file.type };
    const text = file.type.startsWith('text/') || file.type === 'application/json';
    return {
      contents: [text ? { ...content, text: bytes.toString() } : { ...content, blob: bytes.toString('base64') }],
    };
  }

  private async store(
    actor: Actor,
    tool: Tool,
    input: Exclude<McpInput, { file_id: string } | { url: string }>,
    { upload, index }: { readonly upload: Upload; readonly index: number },
  ): Promise<string> {
    refuseWithout(actor, 'files:write');
    const bytes = 'text' in input ? Buffer.from(input.text) : Buffer.from(input.base64, 'base64');
    const file = await upload.receive(Readable.from([bytes]), {
      owner: actor.id,
      origin: 'upload',
      name: input.name,
      maxBytes: Math.min(this.config.MAX_UPLOAD_BYTES, tool.limits.maxInputBytes),
      accept: (type) => acceptType(tool, type, `/files/${index}`),
    });
    return file.id;
  }

  /** An absolute address, which the protocol wants. */
  private resource(
    { id, name, type, size }: { id: string; name: string; type: string; size: number },
    { protocol, host }: FastifyRequest,
  ): Resource {
    const origin = this.config.PUBLIC_URL?.replace(/\/+$/, '') ?? `${protocol}://${host}`;
    return { uri: `${origin}${filePath(id)}/content`, name, mimeType: type, size };
  }
}

/** It is fetched by the task. @throws Problem `not_allowed` */
function elsewhere(actor: Actor, url: string): WantedInput {
  refuseWithout(actor, 'files:write');
  return { url, headers: {} };
}

/** The guard has asked for the least; what a call does may need more. @throws Problem `not_allowed` */
export function refuseWithout(actor: Actor, permission: Parameters<Actor['permissions']['has']>[0]): void {
  if (actor.permissions.has(permission)) return;
  throw new Problem('not_allowed', `This needs the right ${permission}, which you do not have.`);
}
