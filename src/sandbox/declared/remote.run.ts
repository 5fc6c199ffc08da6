import { randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type OutputFile, ToolError, type ToolResult, type ToolRun } from '../../sdk/index.js';
import { SILENCE_MS } from './remote.exchange.js';
import { RemoteFault } from './remote.fault.js';
import { linesOf, type RemoteLine } from './remote.lines.js';
import type { RemoteService } from './remote.service.js';

/** Milliseconds for the last word to the service: nobody waits long for it, and least of all after a cancel. */
const FAREWELL_MS = 1_000;
const CANCEL_MS = 200;

type Done = Extract<RemoteLine, { readonly done: unknown }>['done'];

/** One run of a tool in a service: inputs go there, it works and tells, outputs come back, it forgets. */
export class RemoteRun {
  private readonly path = `/runs/${randomUUID()}`;

  constructor(
    private readonly service: RemoteService,
    private readonly run: ToolRun,
    /** Bytes of all outputs together. */
    private readonly mostBytes: number,
  ) {}

  /** @param tool as the service calls it */
  async perform(tool: string): Promise<ToolResult> {
    try {
      for (const index of this.run.inputs.keys()) await this.give(index);
      const { outputs, data } = await this.work(tool);
      return { outputs: await this.take(outputs), data };
    } finally {
      await this.forget();
    }
  }

  private async give(index: number): Promise<void> {
    const input = this.run.inputs[index];
    if (!input) return;
    const answer = await this.service.ask({
      method: 'PUT',
      path: `${this.path}/inputs/${index}`,
      headers: {
        'content-type': input.type,
        'content-length': String(input.size),
        'x-file-name': encodeURIComponent(input.name.toWellFormed()),
      },
      body: () => createReadStream(input.path),
      signal: this.run.signal,
    });
    answer.destroy();
  }

  private async work(tool: string): Promise<Done> {
    const { inputs, options, signal } = this.run;
    const files = inputs.map(({ name, type, size }) => ({ name, type, size }));
    const answer = await this.service.ask({
      method: 'POST',
      path: this.path,
      headers: { 'content-type': 'application/json', accept: 'application/x-ndjson' },
      body: JSON.stringify({ tool, options, inputs: files }),
      signal,
    });
    try {
      for await (const line of linesOf(answer)) {
        const done = this.heard(line);
        if (done) return done;
      }
    } catch (error) {
      throw this.explained(error);
    } finally {
      answer.destroy();
    }
    throw new RemoteFault('The service of the tool stopped before it was done.');
  }

  private heard(line: RemoteLine): Done | undefined {
    if ('done' in line) return line.done;
    if ('error' in line) throw new ToolError(line.error.code, line.error.message);
    if ('log' in line) this.run.log[line.level](line.log);
    else this.run.progress(line.progress, line.message);
    return undefined;
  }

  private async take(outputs: Done['outputs']): Promise<OutputFile[]> {
    const taken: OutputFile[] = [];
    let left = this.mostBytes;
    for (const [index, { name }] of outputs.entries()) {
      const path = join(this.run.workspace, String(index));
      left -= await this.fetch(index, path, left);
      taken.push({ path, name });
    }
    return taken;
  }

  /** Answers how many bytes there were. */
  private async fetch(index: number, path: string, mostBytes: number): Promise<number> {
    const { signal } = this.run;
    const answer = await this.service.ask({ method: 'GET', path: `${this.path}/outputs/${index}`, signal });
    answer.socket.setTimeout(SILENCE_MS, () => answer.destroy());
    if (answer.headers['content-length'] === undefined && answer.headers['transfer-encoding'] === undefined)
      throw new RemoteFault('The service of the tool does not say how long an output is.');
    let bytes = 0;
    const counter = new Transform({
      transform: (chunk: Buffer, _encoding, done) => {
        bytes += chunk.length;
        const tooMany = new ToolError('output_too_large', 'The service of the tool sent more than it may.');
        done(bytes > mostBytes ? tooMany : null, chunk);
      },
    });
    await pipeline(answer, counter, createWriteStream(path, { mode: 0o600 }), { signal }).catch((error: unknown) => {
      throw this.explained(error);
    });
    return bytes;
  }

  /** A connection that breaks is the service's fault, a disk that is full is not. */
  private explained(error: unknown): unknown {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    const isOfTheNetwork =
      code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE' || String(code).startsWith('HPE_');
    if (this.run.signal.aborted || !isOfTheNetwork) return error;
    return new RemoteFault('The service of the tool broke off in the middle.', 'nothing', { cause: error });
  }

  /** Cancels what still runs, and lets the service remove what it has. It may have gone, which is nobody's concern. */
  private async forget(): Promise<void> {
    const signal = AbortSignal.timeout(this.run.signal.aborted ? CANCEL_MS : FAREWELL_MS);
    const wanted = { method: 'DELETE', path: this.path, signal, once: true } as const;
    await this.service.ask(wanted).then(
      (answer) => answer.destroy(),
      () => {},
    );
    await this.service.closed();
  }
}
