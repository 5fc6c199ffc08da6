import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Actor } from '../auth/actor.js';
import { Config } from '../config/config.js';
import { Problem } from '../errors/problem.js';
import { bodyOf } from '../http/body.js';
import { type FormPart, readForm } from '../http/form.js';
import { nameIn } from './claimed.name.js';
import type { File } from './file.entity.js';
import { FilesService } from './files.service.js';
import { Upload } from './upload.js';

const MAX_FILES = 100;

/** Uploads that are nothing but uploads: a form with files, or one file as the body. */
@Injectable()
export class FileUploads {
  constructor(
    private readonly files: FilesService,
    private readonly config: Config,
  ) {}

  async receive(actor: Actor, request: FastifyRequest): Promise<File[]> {
    const upload = new Upload(this.files);
    try {
      if (request.isMultipart()) await readForm(request, (part) => this.receivePart(actor, upload, part));
      else await this.receiveBody(actor, upload, request);
      if (upload.files.length === 0) throw new Problem('file_missing', 'The form has no file in it.');
      return upload.files;
    } catch (error) {
      await upload.undo();
      throw error;
    }
  }

  private async receivePart(actor: Actor, upload: Upload, part: FormPart): Promise<void> {
    if (part.kind === 'field')
      throw new Problem('invalid_request', `The form may have files only, but ${part.name} is a field.`);
    if (upload.files.length >= MAX_FILES)
      throw new Problem('too_many_files', `A form may have ${MAX_FILES} files at most.`);
    await upload.receive(part.stream, this.wanted(actor, part.fileName));
  }

  private async receiveBody(actor: Actor, upload: Upload, request: FastifyRequest): Promise<void> {
    const length = Number(request.headers['content-length'] ?? 0);
    if (length > this.config.MAX_UPLOAD_BYTES)
      throw new Problem('file_too_large', `A file may have ${this.config.MAX_UPLOAD_BYTES} bytes at most.`);
    await upload.receive(bodyOf(request), this.wanted(actor, nameIn(request.headers['content-disposition'])));
  }

  private wanted(actor: Actor, name: string | undefined) {
    const maxBytes = this.config.MAX_UPLOAD_BYTES;
    return { owner: actor.id, origin: 'upload' as const, name, maxBytes, mayWaitForScan: true };
  }
}
