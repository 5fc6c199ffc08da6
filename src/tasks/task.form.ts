import type { z } from 'zod';
import type { Actor } from '../auth/actor.js';
import { invalidRequest } from '../errors/invalid-request.js';
import { Problem } from '../errors/problem.js';
import type { Upload } from '../files/upload.js';
import type { FormPart } from '../http/form.js';
import { takesFiles, type Tool } from '../tools/tool.js';
import { type Options, parseOptions } from '../plugins/options/tool.options.js';
import { webhookUrlSchema } from './webhooks/webhook.document.js';
import { acceptType, prioritySchema, refuseNumber, tagSchema, USUAL_PRIORITY } from './task.acceptance.js';

/** A form that asks for a task: `file` parts, `options` as JSON text, `tag`, `priority`, `callback_url`. Each part is checked when it comes. */
export class TaskForm {
  private options: Options | undefined;
  private tag: string | null = null;
  private priority = USUAL_PRIORITY;
  private callbackUrl: string | null = null;

  constructor(
    private readonly actor: Actor,
    private readonly tool: Tool,
    private readonly upload: Upload,
    private readonly maxUploadBytes: number,
  ) {}

  async receive(part: FormPart): Promise<void> {
    if (part.kind === 'file') await this.receiveFile(part);
    else this.receiveField(part.name, part.value);
  }

  /** What is known when the form has ended. @throws Problem when something is missing */
  complete(): { options: Options; tag: string | null; priority: number; callbackUrl: string | null } {
    refuseNumber(this.tool, this.upload.files.length);
    const options = this.options ?? this.tool.options.check({});
    return { options, tag: this.tag, priority: this.priority, callbackUrl: this.callbackUrl };
  }

  private async receiveFile({ fileName, stream }: Extract<FormPart, { kind: 'file' }>): Promise<void> {
    const number = this.upload.files.length;
    const most = takesFiles(this.tool) ? this.tool.limits.maxInputs : 0;
    if (number >= most) refuseNumber(this.tool, number + 1);
    await this.upload.receive(stream, {
      owner: this.actor.id,
      origin: 'upload',
      name: fileName,
      maxBytes: Math.min(this.maxUploadBytes, this.tool.limits.maxInputBytes),
      accept: (type) => acceptType(this.tool, type, `/file/${number}`),
    });
  }

  private receiveField(name: string, value: unknown): void {
    switch (name) {
      case 'options':
        this.options = this.tool.options.check(typeof value === 'string' ? parseOptions(value) : value);
        return;
      case 'tag':
        this.tag = parsed(tagSchema, name, value);
        return;
      case 'priority':
        this.priority = parsed(prioritySchema, name, isDigits(value) ? Number(value) : value);
        return;
      case 'callback_url':
        this.callbackUrl = parsed(webhookUrlSchema, name, value);
        return;
      case 'file':
        throw new Problem('invalid_request', 'The part file is a field. Send a file: with curl, -F file=@photo.jpg.');
      default:
        throw new Problem(
          'invalid_request',
          `The form has no field called ${name.slice(0, 100)}; it has file, options, tag, priority and callback_url.`,
        );
    }
  }
}

function parsed<Value>(schema: z.ZodType<Value>, name: string, value: unknown): Value {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw invalidRequest(result.error.issues.map((issue) => ({ ...issue, path: [name] })));
}

function isDigits(value: unknown): value is string {
  return typeof value === 'string' && /^\d+$/.test(value);
}
