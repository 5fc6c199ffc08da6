import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Config } from '../../config/config.js';
import { Problem } from '../../errors/problem.js';
import type { Task } from '../task.entity.js';
import { isTerminal } from '../task.status.js';
import { notFinished } from '../tasks.service.js';
import { receiptOf, type SignedReceipt } from './receipt.document.js';
import { type PublicKey, ReceiptKey } from './receipt.key.js';

/** Says under a signature what was made of what: whoever has the files can check it without this server. */
@Injectable()
export class ReceiptsService implements OnModuleInit {
  private made: ReceiptKey | undefined;

  constructor(private readonly config: Config) {}

  /** At the start, because a secret that was cut off shall be found then. */
  onModuleInit(): void {
    this.key();
  }

  /** @throws Problem `task_not_finished`; `result_expired` when nobody knows the options any more */
  of(task: Task): SignedReceipt {
    if (!isTerminal(task.status)) throw notFinished(task, 'Ask for the receipt when it is finished.');
    if (task.purgedAt) throw new Problem('result_expired', `The result of the task ${task.id} has expired.`);
    return this.key().sign(receiptOf(task));
  }

  publicKeys(): PublicKey[] {
    return [this.key().public];
  }

  private key(): ReceiptKey {
    return (this.made ??= new ReceiptKey(this.config));
  }
}
