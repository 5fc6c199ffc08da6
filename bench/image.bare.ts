import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Round } from './load.ts';
import { runProgram, type Stage } from './stage.ts';

const PROGRAM = join(import.meta.dirname, 'image.bare.process.ts');

/** The conversion without a server. */
export class BareImages {
  private readonly stage: Stage;
  private readonly source: string;
  private readonly directory: string;

  private constructor(stage: Stage) {
    this.stage = stage;
    this.source = join(stage.home.path, 'photograph.jpg');
    this.directory = join(stage.home.path, 'bare');
  }

  static async open(stage: Stage, photograph: Buffer): Promise<BareImages> {
    const bare = new BareImages(stage);
    await writeFile(bare.source, photograph);
    await mkdir(bare.directory);
    return bare;
  }

  /** Converts the photograph again and again, so many at a time. */
  async round(atATime: number, seconds: number): Promise<Round> {
    const args = [PROGRAM, this.source, this.directory, String(atATime), String(seconds)];
    return JSON.parse(await runProgram(this.stage.home, process.execPath, args)) as Round;
  }

  /** What becomes of the photograph. */
  async image(): Promise<Buffer> {
    await this.round(1, 0.1);
    return readFile(join(this.directory, '0.webp'));
  }
}
