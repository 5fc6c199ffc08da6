import { Injectable } from '@nestjs/common';
import { Config } from '../../config/config.js';
import { Problem } from '../../errors/problem.js';
import { Drafts } from '../../storage/drafts.js';
import { fileStored } from '../file.channels.js';
import type { File } from '../file.entity.js';
import { FileQuota } from '../file.quota.js';
import { begun, FilesService, type NewFile, refuseType } from '../files.service.js';
import { HEAD_BYTES } from '../detection/detect.js';
import { Intake, type Ingested } from '../intake.js';
import type { PieceChecksum } from './upload.checksum.js';
import type { ResumableUpload } from './upload.entity.js';
import { UploadStore } from './upload.store.js';

const HOUR_MS = 3_600_000;
/** Unfinished uploads of one owner. */
const MOST_BEGUN = 1_000;
/** Uploads of which this process remembers what it has learned; of others the bytes are read again at the end. */
const MOST_REMEMBERED = 1_000;

export interface NewUpload {
  readonly id: string;
  readonly owner: string;
  /** Bytes that it shall have. */
  readonly length: number;
  /** As the client claims it; nothing is believed. */
  readonly metadata: Readonly<Record<string, string | null>>;
}

/** An upload that can still be asked for. */
export interface OpenUpload {
  readonly upload: ResumableUpload;
  readonly file: File;
}

/**
 * Uploads that come in pieces and become files. The length of the draft is the only record of how far one has come, so
 * it is right whenever the process dies. Whoever calls holds the lock of the upload, and has seen whose it is.
 */
@Injectable()
export class ResumableUploads {
  private readonly intakes = new Map<string, Intake>();

  constructor(
    private readonly store: UploadStore,
    private readonly files: FilesService,
    private readonly quota: FileQuota,
    private readonly drafts: Drafts,
    private readonly config: Config,
  ) {}

  /** How long an upload lives that nobody continues. */
  get lifeMs(): number {
    return this.config.UPLOAD_TTL_HOURS * HOUR_MS;
  }

  get maxBytes(): number {
    return this.config.MAX_UPLOAD_BYTES;
  }

  /** @throws Problem when it is too large or empty, or when there is no room for it */
  async begin({ id, owner, length, metadata }: NewUpload): Promise<ResumableUpload> {
    if (length === 0) throw new Problem('file_empty', 'The file is empty: it has no bytes at all.');
    if (length > this.maxBytes) throw new Problem('file_too_large', `A file may have ${this.maxBytes} bytes at most.`);
    await this.refuseWithoutRoom(owner, length);
    const file = { ...begun({ owner }), id, expiresAt: this.expiry() };
    const { createdAt, expiresAt } = file;
    const nobody = { unverifiedFrom: null, leaseOwner: null, leaseExpiresAt: null };
    const upload = { id, owner, length, metadata, createdAt, expiresAt, ...nobody };
    await this.store.insert(upload, file);
    return upload;
  }

  /** @throws Problem `upload_not_found` when it is not the owner's, `upload_expired` when it is gone */
  async find(owner: string, id: string): Promise<OpenUpload> {
    const found = await this.store.find(id);
    if (!found || found.upload.owner !== owner) throw new Problem('upload_not_found', `There is no upload ${id}.`);
    const { upload, file } = found;
    if (file?.storedAt) return { upload, file };
    if (file && !file.purgedAt && file.expiresAt >= new Date()) return { upload, file };
    throw gone(id);
  }

  /** How many bytes are here. When all are, it becomes a file, if it has not yet. @throws Problem when it may not be one */
  async offset({ upload, file }: OpenUpload): Promise<number> {
    if (file.storedAt) return upload.length;
    await this.dropUnverified(upload);
    const size = await this.drafts.size(upload.id);
    if (size === upload.length) await this.finish({ upload, file });
    return size;
  }

  /**
   * Takes a piece that begins where the bytes end. What comes of it before it fails stays, unless it has a checksum.
   *
   * @returns how many bytes are here now
   * @throws Problem when the bytes may not become a file; then nothing remains, unless the fault can pass
   */
  async append(
    open: OpenUpload,
    piece: AsyncIterable<Buffer>,
    offset: number,
    checksum?: PieceChecksum,
  ): Promise<number> {
    const { id, length } = open.upload;
    if (open.file.storedAt) return length;
    if (!(await this.store.renew(id, this.expiry()))) throw gone(id);
    const renewal = setInterval(() => void this.store.renew(id, this.expiry()).catch(() => {}), renewalMs(this.lifeMs));
    try {
      await this.take(open, piece, offset, checksum);
    } catch (error) {
      return await this.giveUp(open, error, checksum ? offset : null);
    } finally {
      clearInterval(renewal);
    }
    const size = await this.drafts.size(id);
    if (size === length) await this.finish(open);
    return size;
  }

  /** Removes the bytes of what is no file yet, and the record. */
  async remove({ upload, file }: OpenUpload): Promise<void> {
    this.intakes.delete(upload.id);
    if (!file.storedAt) await this.files.discard(upload.id);
    await this.store.remove(upload.id);
  }

  private async refuseWithoutRoom(owner: string, length: number): Promise<void> {
    const [room, { uploads, bytes }] = [await this.quota.room(owner), await this.store.begun(owner)];
    if (room && bytes + length > room.bytes) throw room.exceeded();
    if (uploads < MOST_BEGUN) return;
    throw new Problem('quota_exceeded', `You have ${uploads} uploads that are not finished. Finish or remove some.`, {
      headers: { 'retry-after': '60' },
    });
  }

  private async take(
    open: OpenUpload,
    piece: AsyncIterable<Buffer>,
    offset: number,
    checksum?: PieceChecksum,
  ): Promise<void> {
    const { id } = open.upload;
    if (checksum) await this.store.markUnverified(id, offset);
    const intake = await this.intakeAt(open, offset);
    const seen = intake ? intake.watch(piece) : piece;
    await this.drafts.append(id, checksum ? checksum.watch(seen) : seen);
    if (!checksum) return;
    checksum.compare();
    await this.store.markUnverified(id, null);
  }

  /** What is remembered, or learned anew while it is little; undefined: at the end all is read again. */
  private async intakeAt(open: OpenUpload, offset: number): Promise<Intake | undefined> {
    const { id } = open.upload;
    const known = this.intakes.get(id);
    if (known?.size === offset) return known;
    this.intakes.delete(id);
    if (offset > HEAD_BYTES) return undefined;
    const intake = intakeOf(open.upload);
    if (offset > 0) await consume(intake.watch(await this.drafts.read(id, offset)));
    this.remember(id, intake);
    return intake;
  }

  /** Forgets the oldest first: of many begun uploads most are never continued. */
  private remember(id: string, intake: Intake): void {
    const [oldest] = this.intakes.keys();
    if (oldest !== undefined && this.intakes.size >= MOST_REMEMBERED) this.intakes.delete(oldest);
    this.intakes.set(id, intake);
  }

  /** Of a fault that can pass, such as a connection that ends, only what was not compared is taken back. */
  private async giveUp({ upload: { id } }: OpenUpload, error: unknown, unverifiedFrom: number | null): Promise<never> {
    if (isFinal(error)) await this.files.undo([id]);
    else if (unverifiedFrom !== null) await this.dropUnverified({ id, unverifiedFrom });
    if (this.intakes.get(id)?.size !== (await this.drafts.size(id))) this.intakes.delete(id);
    throw error;
  }

  private async dropUnverified({ id, unverifiedFrom }: Pick<ResumableUpload, 'id' | 'unverifiedFrom'>): Promise<void> {
    if (typeof unverifiedFrom !== 'number') return;
    await this.drafts.cut(id, unverifiedFrom);
    await this.store.markUnverified(id, null);
  }

  private async finish({ upload, file }: OpenUpload): Promise<void> {
    try {
      const ingested = await this.learn(upload);
      await this.drafts.keep(upload.id);
      await this.files.complete(file, wanted(upload), ingested);
      fileStored.publish({ origin: 'upload', bytes: ingested.size });
    } catch (error) {
      if (isFinal(error)) await this.files.undo([upload.id]);
      throw error;
    } finally {
      this.intakes.delete(upload.id);
    }
  }

  /** From what has passed through this process; when not all did, from the bytes once more. */
  private async learn(upload: ResumableUpload): Promise<Ingested> {
    const intake = this.intakes.get(upload.id);
    if (intake?.size === upload.length) return intake.result();
    const anew = intakeOf(upload);
    await consume(anew.watch(await this.drafts.read(upload.id)));
    return anew.result();
  }

  private expiry(): Date {
    return new Date(Date.now() + this.lifeMs);
  }
}

/** How often the life of an upload is prolonged while a piece comes; timers of Node take no more than 24 days. */
export function renewalMs(lifeMs: number): number {
  return Math.min(lifeMs / 3, HOUR_MS);
}

function intakeOf(upload: ResumableUpload): Intake {
  return new Intake({ maxBytes: upload.length, accept: ({ type }) => refuseType(wanted(upload), type) });
}

function wanted({ owner, metadata, length }: ResumableUpload): NewFile {
  const { filename, name } = metadata;
  return { owner, origin: 'upload', name: filename ?? name ?? undefined, maxBytes: length, mayWaitForScan: true };
}

function gone(id: string): Problem {
  return new Problem(
    'upload_expired',
    `The upload ${id} is gone: it expired, or its file was refused. Begin a new one.`,
  );
}

/** Whether the same bytes would be refused again; a wrong checksum is not a matter of the bytes. */
function isFinal(error: unknown): boolean {
  return error instanceof Problem && !error.retryable && error.status < 500 && !PASSING.has(error.code);
}

/** What ends a piece and says nothing of the upload. */
const PASSING = new Set<string>(['upload_checksum_wrong', 'malformed_request']);

async function consume(chunks: AsyncIterable<Buffer>): Promise<void> {
  for await (const _chunk of chunks) continue;
}
