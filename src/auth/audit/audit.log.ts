import { setImmediate } from 'node:timers/promises';
import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { Problem } from '../../errors/problem.js';
import { type AuditEntry, auditEntry, type NewAuditEvent } from './audit.event.js';
import { AuditStore } from './audit.store.js';

/** Batches have 1, 2, 4 … rows, so that there are few different statements. */
const LARGEST_BATCH = 64;
/** What is kept while the database does not answer. */
const MOST_KEPT = 10_000;
const RETRY_MS = 1_000;

interface Waiting {
  readonly entry: AuditEntry;
  /** Whoever waits for it to be written. */
  readonly told: PromiseWithResolvers<void> | undefined;
}

/**
 * Where it is told what happened. Events are written in the order in which they came, all that wait at once. While the
 * database is down they are kept, as many as there is room for, and written later; how many were lost is an event.
 */
@Injectable()
export class AuditLog implements OnApplicationShutdown {
  private readonly logger = new Logger(AuditLog.name);
  private readonly waiting: Waiting[] = [];
  private writing: Promise<void> | undefined;
  private retry: NodeJS.Timeout | undefined;
  private lost = 0;

  constructor(private readonly store: AuditStore) {}

  /**
   * For what changes rights or lets somebody in: resolves when the event is written, and only then may the answer be
   * sent. Rejects when it cannot be written now; it is kept nevertheless, because it has happened.
   */
  async record(event: NewAuditEvent): Promise<void> {
    const told = Promise.withResolvers<void>();
    if (this.keep(event, told)) this.write();
    await told.promise;
  }

  /** For what happens often, such as downloads: written soon, and nobody waits for it. */
  note(event: NewAuditEvent): void {
    if (this.keep(event, undefined) && !this.retry) this.write();
  }

  async onApplicationShutdown(): Promise<void> {
    if (this.waiting.length > 0) this.write();
    await this.writing;
    clearTimeout(this.retry);
    if (this.waiting.length > 0) this.logger.error({ events: this.waiting.length, msg: 'Audit events are lost.' });
  }

  private keep(event: NewAuditEvent, told: Waiting['told']): boolean {
    if (this.waiting.length < MOST_KEPT) {
      this.waiting.push({ entry: auditEntry(event), told });
      return true;
    }
    this.lost += 1;
    told?.reject(new Problem('unavailable', 'The audit log cannot be written. Try again in a moment.'));
    return false;
  }

  private write(): void {
    this.writing ??= this.writeAll();
  }

  private async writeAll(): Promise<void> {
    clearTimeout(this.retry);
    this.retry = undefined;
    // What comes in the same turn is written together.
    await setImmediate();
    try {
      while (this.waiting.length > 0) await this.writeBatch();
    } catch (error) {
      this.putOff(error);
    } finally {
      // In the same turn in which nothing was found to wait: whoever comes now begins anew.
      this.writing = undefined;
    }
  }

  private async writeBatch(): Promise<void> {
    const size = 2 ** Math.floor(Math.log2(Math.min(this.waiting.length, LARGEST_BATCH)));
    const batch = this.waiting.slice(0, size);
    await this.store.append(batch.map(({ entry }) => entry));
    this.waiting.splice(0, size);
    for (const { told } of batch) told?.resolve();
    this.tellLost();
  }

  private tellLost(): void {
    if (this.lost === 0) return;
    if (this.keep({ action: 'audit_lost', outcome: 'failed', details: { events: this.lost } }, undefined))
      this.lost = 0;
  }

  /** Nobody is kept waiting; the events are. */
  private putOff(error: unknown): void {
    this.logger.warn({ err: error, events: this.waiting.length, msg: 'The audit log cannot be written.' });
    for (const { told } of this.waiting) told?.reject(error);
    this.retry = setTimeout(() => this.write(), RETRY_MS).unref();
  }
}
