import { randomUUIDv7 } from 'node:crypto';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import { AuditLog } from '../auth/audit/audit.log.js';
import { Config } from '../config/config.js';
import { patiently } from '../database/patience.js';
import { Problem } from '../errors/problem.js';
import { type ByteRange, KeyNotFound, Storage } from '../storage/storage.js';
import { type FileStoredEvent, fileStored } from './file.channels.js';
import { contradictedType } from './detection/extension.js';
import type { File } from './file.entity.js';
import { type FileGroup, idInGroup, idsOfGroup } from './file.group.js';
import { safeName } from './file-name.js';
import { FileQuota, type FileRoom } from './file.quota.js';
import { FileStore } from './file.store.js';
import { Ingest } from './ingest.js';
import { Intake, type Ingested, type IntakeOptions } from './intake.js';
import { FileScans } from './scanning/file.scans.js';

const HOUR_MS = 3_600_000;
/** A file that is being written and not heard of for so long is given up. */
const WRITING_LEASE_MS = 60_000;

/** A database that is gone for longer than that finds the rows when it is back, and they expire. */
const UNDO_MS = 600_000;
/** With the 1.5 s in which a database has not answered before, it is less than the two in which a client must hear. */
const UNDO_PATIENCE_MS = 200;

export interface NewFile {
  readonly owner: string;
  readonly origin: FileStoredEvent['origin'];
  /** As somebody claimed it; nothing is believed. */
  readonly name: string | undefined;
  readonly maxBytes: number;
  /** What it belongs to until a row names it. */
  readonly group?: FileGroup;
  /** Whether it may be kept, out of use, until the virus scanner answers. Default: no. */
  readonly mayWaitForScan?: boolean;
  /** Called with the detected type after the first 4 KiB; throws a Problem when the type is not wanted. */
  readonly accept?: (type: string) => void;
}

/** Files: bytes with a row. Bytes are written first to last in one pass, and what goes wrong leaves nothing. */
@Injectable()
export class FilesService {
  private readonly logger = new Logger(FilesService.name);

  constructor(
    private readonly store: FileStore,
    private readonly storage: Storage,
    private readonly quota: FileQuota,
    private readonly config: Config,
    private readonly scans: FileScans,
    private readonly audit: AuditLog,
  ) {}

  /** The largest file that may come from a client. */
  get maxUploadBytes(): number {
    return this.config.MAX_UPLOAD_BYTES;
  }

  /** When something made now is removed. */
  expiry(from = new Date()): Date {
    return new Date(from.getTime() + this.config.FILE_TTL_HOURS * HOUR_MS);
  }

  /** Stores all that the source gives. @throws Problem; then neither bytes nor row remain. */
  async receive(source: Readable, wanted: NewFile): Promise<File> {
    const file = begun(wanted);
    const room = await this.begin(file, wanted).catch((error: unknown) => giveUp(source, error));
    const ingest = new Ingest(intakeOptions(wanted, room));
    return this.make(file, wanted, async () => {
      await allOf(pipeline(source, ingest), this.storage.write(file.id, ingest));
      return ingest.result();
    });
  }

  /** The same for chunks that are overwritten by the next: what a run has made. */
  async collect(chunks: AsyncIterable<Buffer>, wanted: NewFile): Promise<File> {
    const file = begun(wanted);
    const intake = new Intake(intakeOptions(wanted, await this.begin(file, wanted)));
    return this.make(file, wanted, async () => {
      await this.storage.pour(file.id, intake.watch(chunks));
      return intake.result();
    });
  }

  list(owner: string, limit: number, after?: string): Promise<File[]> {
    return this.store.list(owner, limit, after);
  }

  /** The bytes, or a part of them. */
  async read({ id }: Pick<File, 'id'>, range?: ByteRange): Promise<Readable> {
    try {
      return await this.storage.read(id, range);
    } catch (cause) {
      if (!(cause instanceof KeyNotFound)) throw cause;
      throw new Problem('file_expired', `The file ${id} has expired.`, { cause });
    }
  }

  /** Puts the bytes at a path; see Storage.link. */
  link(id: string, path: string, shared: boolean): Promise<void> {
    return this.storage.link(id, path, shared);
  }

  /** Keeps files at least as long as something that is made now. */
  async keep(owner: string, ids: readonly string[]): Promise<void> {
    if (ids.length > 0) await this.store.keep(owner, ids, this.expiry());
  }

  /** The same for files that must all be there; otherwise nothing is promised, and the answer is false. */
  async keepAll(owner: string, ids: readonly string[]): Promise<boolean> {
    return ids.length === 0 || this.store.keepAll(owner, ids, this.expiry());
  }

  /** Whether all of them can be used now. */
  async areThere(ids: readonly string[]): Promise<boolean> {
    return ids.length === 0 || this.store.areThere(ids);
  }

  /** Bytes first: when the row goes first and the process dies, nobody would ever find the bytes. */
  async discard(id: string): Promise<void> {
    await this.storage.remove(id);
    await this.store.remove(id);
  }

  /** Removes what is left of a group that no row will ever name. */
  async discardGroup(owner: string, group: FileGroup): Promise<void> {
    const [first, last] = idsOfGroup(group);
    for (const id of await this.store.between(owner, first, last)) await this.discard(id);
  }

  /**
   * Removes what must not stay, because a request or a run as a whole has failed. Bytes at once; whoever waits for an
   * answer does not wait for a database that gives none, and the rows go as soon as it does.
   */
  async undo(ids: readonly string[]): Promise<void> {
    await Promise.all(ids.map((id) => this.storage.remove(id)));
    const signal = AbortSignal.timeout(UNDO_MS);
    const gone = Promise.all(ids.map((id) => patiently(() => this.store.remove(id), signal))).catch((error: unknown) =>
      this.logger.warn({ err: error, ids, msg: 'Rows of files without bytes could not be removed; they will expire.' }),
    );
    await Promise.race([gone, sleep(UNDO_PATIENCE_MS, undefined, { ref: false })]);
  }

  /**
   * Removes the bytes of expired files, at most `limit` of them. Answers how many. Each is taken out of use before, in
   * one conditional step: a file whose expiry is put off at that moment keeps its bytes. When the process dies between
   * the two, the next purge finds what is left.
   */
  async purge(limit: number, now = new Date()): Promise<number> {
    for (const file of await this.store.expired(limit, now)) await this.store.markPurged(file, now);
    const purged = await this.store.purgedWithBytes(limit);
    for (const file of purged) {
      await this.storage.remove(file.id);
      if (file.storedAt) await this.store.markBytesGone(file, now);
      else await this.store.remove(file.id);
    }
    if (purged.length > 0) this.audit.note({ action: 'purge', details: { files: purged.length } });
    return purged.length;
  }

  /** Answers how much room the owner has for an upload; results of tools need none. */
  private async begin(file: File, { owner, origin }: NewFile): Promise<FileRoom | undefined> {
    const room = origin === 'upload' ? await this.quota.room(owner) : undefined;
    await this.store.insert(file);
    return room;
  }

  private async make(file: File, wanted: NewFile, write: () => Promise<Ingested>): Promise<File> {
    const renewal = setInterval(() => this.renew(file), WRITING_LEASE_MS / 3);
    try {
      const ingested = await write().catch((error: unknown) => this.explain(file.id, error));
      const stored = { ...file, ...(await this.complete(file, wanted, ingested)) };
      fileStored.publish({ origin: wanted.origin, bytes: stored.size });
      return stored;
    } catch (error) {
      await this.undo([file.id]);
      throw error;
    } finally {
      clearInterval(renewal);
    }
  }

  /** Makes a file of bytes that are all there. @throws Problem when they may not be one; then the bytes are still there */
  async complete(file: File, wanted: NewFile, { size, sha256, type, extension }: Ingested): Promise<Partial<File>> {
    const name = safeName(wanted.name, extension);
    const scan = await this.scans.examine({ ...file, name }, wanted.mayWaitForScan === true);
    const storedAt = new Date();
    const change = {
      name,
      scan,
      type,
      extension,
      size,
      sha256,
      storedAt,
      expiresAt: this.expiry(storedAt),
    };
    await this.finish(file, change, wanted, size);
    return change;
  }

  private async finish({ id }: File, change: Partial<File>, { owner, origin }: NewFile, size: number): Promise<void> {
    const isDone =
      origin === 'upload'
        ? await this.quota.changeIfFits(owner, size, this.store.finishing(id, change))
        : await this.store.changeUnfinished(id, change);
    if (isDone) return;
    const room = origin === 'upload' ? await this.quota.room(owner) : undefined;
    if (room && room.bytes < size) throw room.exceeded();
    throw stoodStill();
  }

  /** A write fails somehow when its file was given up meanwhile; what counts is that it was. */
  private async explain(id: string, fault: unknown): Promise<never> {
    if (fault instanceof Problem) throw fault;
    const isGivenUp = !(await this.store.changeUnfinished(id, { expiresAt: new Date() }).catch(() => true));
    throw isGivenUp ? stoodStill(fault) : fault;
  }

  private renew({ id }: File): void {
    this.store.changeUnfinished(id, { expiresAt: new Date(Date.now() + WRITING_LEASE_MS) }).catch(() => {});
  }
}

function stoodStill(cause?: unknown): Problem {
  return new Problem('request_timeout', 'The upload stood still for too long.', { cause });
}

/** Where the owner's room ends before the largest file does, that is the limit. */
function intakeOptions(wanted: NewFile, room: FileRoom | undefined): IntakeOptions {
  const { maxBytes } = wanted;
  const accept: IntakeOptions['accept'] = ({ type }) => refuseType(wanted, type);
  if (!room || room.bytes >= maxBytes) return { maxBytes, accept };
  return { maxBytes: room.bytes, tooMany: room.exceeded, accept };
}

/** What a tool does not take is refused first: it says what it takes. Names that tools give promise nothing. */
export function refuseType({ origin, name, accept }: NewFile, type: string): void {
  accept?.(type);
  const promised = origin === 'upload' ? contradictedType(safeName(name, ''), type) : undefined;
  if (promised === undefined) return;
  const message = `The name promises ${promised}, but the bytes of the file are ${type}.`;
  throw new Problem('file_type_mismatch', message, { details: [{ path: '', code: 'type', message }] });
}

/** The row of a file of which no byte is there yet. */
export function begun({ owner, group }: Pick<NewFile, 'owner' | 'group'>): File {
  const now = new Date();
  return {
    id: group ? idInGroup(group) : randomUUIDv7(),
    owner,
    name: '',
    type: '',
    extension: '',
    size: 0,
    sha256: '',
    createdAt: now,
    storedAt: null,
    expiresAt: new Date(now.getTime() + WRITING_LEASE_MS),
    scan: 'unscanned',
    purgedAt: null,
    bytesGoneAt: null,
  };
}

/** Waits for both ends of a pipe, so that each has cleaned up; of two faults the one that is a Problem says more. */
async function allOf(...work: Promise<void>[]): Promise<void> {
  const faults = (await Promise.allSettled(work)).filter((result) => result.status === 'rejected');
  const [first] = faults.toSorted((a, b) => Number(b.reason instanceof Problem) - Number(a.reason instanceof Problem));
  if (first) throw first.reason;
}

/** Whoever is given a stream lets go of it: a file that stays open ends the process when it is collected. */
function giveUp(source: Readable, error: unknown): never {
  source.destroy();
  throw error;
}
