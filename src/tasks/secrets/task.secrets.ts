import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { Encryption } from '../../encryption/encryption.js';
import type { Task } from '../task.entity.js';
import { secretOptions } from './secret.options.js';

/** What stays of the secrets of a task that ends: that there were some. */
export function forgotten({ secrets }: Pick<Task, 'secrets'>): string | null {
  return secrets === null || secrets === undefined ? null : '';
}

const opened = z.record(z.string(), z.unknown());

type Options = Record<string, unknown>;

/**
 * Options of a task that nobody may read: passwords and the like. Their schema says `writeOnly`. They are no part of the
 * task's options, so that no document, receipt or webhook can show them, but stand beside them, sealed, until it ends.
 */
@Injectable()
export class TaskSecrets {
  constructor(private readonly encryption: Encryption) {}

  /** The options as everybody may see them, and those that nobody may, as the row of the task keeps them. */
  seal(taskId: string, schema: Readonly<Record<string, unknown>>, options: Options): Pick<Task, 'options' | 'secrets'> {
    const { shown, secret } = secretOptions(schema, options);
    if (Object.keys(secret).length === 0) return { options, secrets: null };
    return { options: shown, secrets: this.encryption.seal(JSON.stringify(secret), place(taskId)) };
  }

  /** All options of a task that has not ended, for the tool alone. */
  open(task: Pick<Task, 'id' | 'options' | 'secrets'>): Options {
    return task.secrets ? { ...task.options, ...this.read(task) } : task.options;
  }

  /** A text that the tool or its programs wrote, without the secrets of the task. */
  hide(task: Pick<Task, 'id' | 'secrets'>, text: string): string {
    if (!task.secrets) return text;
    const secrets = Object.values(this.read(task)).filter((value) => typeof value === 'string' && value !== '');
    return secrets.reduce<string>((hidden, secret) => hidden.replaceAll(String(secret), '***'), text);
  }

  private read({ id, secrets }: Pick<Task, 'id' | 'secrets'>): Options {
    return secrets ? opened.parse(JSON.parse(this.encryption.open(secrets, place(id)))) : {};
  }
}

function place(taskId: string): string {
  return `task-secrets:${taskId}`;
}
