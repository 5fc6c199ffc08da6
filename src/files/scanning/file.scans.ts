import { Injectable, Logger } from '@nestjs/common';
import { AuditLog } from '../../auth/audit/audit.log.js';
import { Config } from '../../config/config.js';
import { Problem } from '../../errors/problem.js';
import { Storage } from '../../storage/storage.js';
import type { File } from '../file.entity.js';
import { FileStore } from '../file.store.js';
import { ClamavScanner } from './clamav.scanner.js';
import { type Scanner, ScannerUnavailable, type ScanVerdict } from './scanner.js';

type Refusal = Exclude<ScanVerdict, { type: 'clean' }>;

/** Has stored bytes scanned, and decides what the verdict means. Without CLAMAV_URL nothing is scanned. */
@Injectable()
export class FileScans {
  private readonly logger = new Logger(FileScans.name);
  private readonly scanner: Scanner | undefined;
  /** The id of the file that waited and was looked at last. */
  private lastWaiting: string | undefined;

  constructor(
    private readonly config: Config,
    private readonly store: FileStore,
    private readonly storage: Storage,
    private readonly audit: AuditLog,
  ) {
    const { CLAMAV_URL: url, SCAN_TIMEOUT_SECONDS: seconds } = config;
    this.scanner = url === undefined ? undefined : new ClamavScanner(url, seconds * 1_000);
  }

  get enabled(): boolean {
    return this.scanner !== undefined;
  }

  /**
   * Scans bytes that are stored, but that nobody can see yet.
   *
   * @param mayWait whether the file may be kept, out of use, when the scanner does not answer and the policy is `defer`
   * @throws Problem for every verdict but `clean`
   */
  async examine(file: Pick<File, 'id' | 'owner' | 'name'>, mayWait: boolean): Promise<File['scan']> {
    if (!this.scanner) return 'unscanned';
    try {
      const verdict = await this.scan(this.scanner, file.id);
      if (verdict.type === 'clean') return 'clean';
      this.noteRefusal(file, verdict);
      throw refusal(verdict);
    } catch (cause) {
      if (!(cause instanceof ScannerUnavailable)) throw cause;
      this.logger.warn({ file_id: file.id, err: cause, msg: 'The virus scanner gives no verdict.' });
      if (mayWait && this.config.SCAN_POLICY === 'defer') return 'pending';
      throw new Problem(
        'scan_unavailable',
        'The virus scanner does not answer, so no file is taken. Try again later.',
        {
          cause,
          headers: { 'retry-after': '30' },
        },
      );
    }
  }

  /**
   * Scans files that wait for it, oldest first; what is not clean is removed, and its row says why. A file that cannot be
   * scanned ends this; the next call goes on behind it, so that it holds up nobody, and comes back to it in the end.
   */
  async examineWaiting(limit: number): Promise<void> {
    if (!this.scanner) return;
    const files = await this.store.unscanned(limit, this.lastWaiting);
    for (const file of files) {
      this.lastWaiting = file.id;
      await this.settle(file, await this.scan(this.scanner, file.id));
    }
    if (files.length < limit) this.lastWaiting = undefined;
  }

  private async settle(file: File, verdict: ScanVerdict): Promise<void> {
    if (verdict.type === 'clean') await this.store.markClean(file.id);
    else if (await this.store.refuse(file.id, verdict.type, new Date())) {
      await this.storage.remove(file.id);
      this.noteRefusal(file, verdict);
    }
  }

  private scan(scanner: Scanner, id: string): Promise<ScanVerdict> {
    return scanner.scan(() => this.storage.read(id));
  }

  private noteRefusal({ id, owner, name }: Pick<File, 'id' | 'owner' | 'name'>, verdict: Refusal): void {
    const { type, ...words } = verdict;
    const details = { name, verdict: type, ...words };
    this.logger.warn({ file_id: id, owner, ...details, msg: 'The virus scanner refused a file.' });
    this.audit.note({ action: 'scan_refused', outcome: 'denied', actorId: owner, object: `file:${id}`, details });
  }
}

function refusal(verdict: Refusal): Problem {
  switch (verdict.type) {
    case 'infected':
      return new Problem('file_infected', `The virus scanner found ${verdict.signature} in the file.`);
    case 'encrypted':
      return new Problem('file_encrypted', 'The virus scanner cannot look into the file, because it is encrypted.');
    case 'too_large':
      return new Problem('file_too_large_to_scan', 'The file, or what is packed in it, is too large to be scanned.');
    case 'error':
      return new Problem('scan_failed', 'The virus scanner could not examine the file.');
    default:
      return verdict satisfies never;
  }
}
