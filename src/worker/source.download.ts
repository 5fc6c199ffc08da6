import { Injectable } from '@nestjs/common';
import { Config } from '../config/config.js';
import { Problem } from '../errors/problem.js';
import { nameIn } from '../files/claimed.name.js';
import { FilesService, type NewFile } from '../files/files.service.js';
import { Outbound, type OutboundAnswer } from '../outbound/outbound.js';
import type { Source } from '../tasks/sources/source.js';
import type { TaskFile } from '../tasks/task.entity.js';
import { taskFile } from '../tasks/task.inputs.js';
import type { Running } from './lease.keeper.js';

const MOST_REDIRECTS = 5;
const HEAD_MS = 30_000;
const IDLE_MS = 30_000;
const MEGABYTE = 1e6;
/** Answers after which the same may succeed. */
const PASSING: ReadonlySet<number> = new Set([408, 425, 429]);

/** What the file must be, and who hears how far it is. */
export interface WantedDownload extends Pick<NewFile, 'accept' | 'group'> {
  readonly maxBytes: number;
  /** @param ratio 0 to 1; 0 when nobody knows how much there is */
  readonly onProgress: (ratio: number, message: string) => void;
}

/** Fetches one file from somewhere else, with progress. */
@Injectable()
export class SourceDownload {
  constructor(
    private readonly config: Config,
    private readonly outbound: Outbound,
    private readonly files: FilesService,
  ) {}

  /**
   * @throws Problem `address_not_allowed`, `remote_refused`, `remote_failed`, or what is wrong with the file; then nothing
   * of it remains
   */
  async fetch(
    { url, headers }: Source,
    running: Running,
    { onProgress, ...wanted }: WantedDownload,
  ): Promise<TaskFile> {
    const { task, signal } = running;
    const maxBytes = Math.min(wanted.maxBytes, this.config.MAX_UPLOAD_BYTES);
    let size = Number.NaN;
    const answer = await this.outbound.send({
      method: 'GET',
      url,
      headers: { 'user-agent': 'Toolyard', accept: '*/*', ...headers },
      redirects: MOST_REDIRECTS,
      headMs: HEAD_MS,
      // Whoever stores the file counts its bytes, and says it better.
      limits: { maxBytes: Number.POSITIVE_INFINITY, idleMs: IDLE_MS, totalMs: this.config.TASK_TIMEOUT_MS },
      signal,
      onBytes: (bytes) => onProgress(size > 0 ? Math.min(bytes / size, 1) : 0, inWords(bytes, size)),
    });
    refuseAnswer(answer, maxBytes);
    size = Number(answer.headers['content-length'] ?? Number.NaN);
    const file = await this.files.receive(answer.body, {
      owner: task.owner,
      origin: 'upload',
      name: nameIn(answer.headers['content-disposition']) ?? lastSegment(answer.url),
      ...wanted,
      maxBytes,
    });
    return taskFile(file);
  }

  /** Removes what was fetched, because it is of no use alone. */
  async undo(files: readonly TaskFile[]): Promise<void> {
    await this.files.undo(files.map(({ file_id }) => file_id));
  }
}

function refuseAnswer({ status, headers, url, body }: OutboundAnswer, maxBytes: number): void {
  const refused = (problem: Problem): never => {
    body.destroy();
    throw problem;
  };
  if (status >= 500 || PASSING.has(status)) refused(new Problem('remote_failed', `${url.host} answered ${status}.`));
  if (status !== 200) refused(new Problem('remote_refused', `${url.host} answered ${status}.`));
  if (!/^(?:identity)?$/i.test(headers['content-encoding'] ?? ''))
    refused(new Problem('remote_refused', `${url.host} sends the file compressed, though it was not asked to.`));
  if (Number(headers['content-length'] ?? 0) > maxBytes)
    refused(new Problem('file_too_large', `The file has more than ${maxBytes} bytes, the most that is accepted.`));
}

/** The end of the path, which is often a name. */
function lastSegment({ pathname }: URL): string | undefined {
  const segment = pathname.slice(pathname.lastIndexOf('/') + 1);
  try {
    return decodeURIComponent(segment) || undefined;
  } catch {
    return segment;
  }
}

function inWords(bytes: number, size: number): string {
  const fetched = `${(bytes / MEGABYTE).toFixed(1)} MB`;
  return size > 0 ? `Fetched ${fetched} of ${(size / MEGABYTE).toFixed(1)} MB` : `Fetched ${fetched}`;
}
