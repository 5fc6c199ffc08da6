import { BufferedFile } from './buffered.file.ts';

/** How many are told of in the data; all of them are in the file. */
const TOLD = 20;
const TOLD_CHARACTERS = 120;

/** Why a record was not converted. */
export interface Rejection {
  /** Line of the file on which it begins, from 1. */
  readonly line: number;
  /** Field at which it was noticed, from 1. */
  readonly column: number;
  /** snake_case. */
  readonly reason: string;
}

export interface ToldRejection extends Rejection {
  readonly text: string;
}

/** The records of one file that were not converted: their very bytes go to a file, the first ones are told of. */
export class Rejects implements AsyncDisposable {
  readonly path: string;
  count = 0;
  first: ToldRejection[] = [];
  reasons: Record<string, number> = {};
  private file: BufferedFile;

  /** @param path where they go. The file is made when there is one. */
  constructor(path: string) {
    this.path = path;
    this.file = new BufferedFile(path);
  }

  get bytes(): number {
    return this.file.length;
  }

  /**
   * @param raw as it stands in the input, with its line break; copied
   * @param shown the same in UTF-8, as far as it can be read
   */
  add(raw: Buffer, rejection: Rejection, shown = raw): void {
    this.count++;
    this.reasons[rejection.reason] = (this.reasons[rejection.reason] ?? 0) + 1;
    if (this.first.length < TOLD) this.first.push({ ...rejection, text: told(shown) });
    this.more(raw);
  }

  /** Further bytes of the last one. */
  more(raw: Buffer): void {
    this.file.add(Buffer.from(raw));
  }

  /** Begins anew. */
  async forget(): Promise<void> {
    await this.file.close();
    this.file = new BufferedFile(this.path);
    this.count = 0;
    this.first = [];
    this.reasons = {};
  }

  async settle(): Promise<void> {
    await this.file.settle();
  }

  async close(): Promise<void> {
    await this.file.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.file[Symbol.asyncDispose]();
  }
}

function told(raw: Buffer): string {
  const text = raw.toString('utf8', 0, TOLD_CHARACTERS * 4).trimEnd();
  return text.length > TOLD_CHARACTERS ? `${text.slice(0, TOLD_CHARACTERS).toWellFormed()}…` : text;
}
