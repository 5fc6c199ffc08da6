import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ZipFile } from 'yazl';
import { ClamavScanner } from '../../src/files/scanning/clamav.scanner.js';
import { ScannerUnavailable, type ScanVerdict } from '../../src/files/scanning/scanner.js';
import { until } from '../conditions.js';
import { type Platform, startPlatform } from '../platform.js';
import { type ClamavServer, EICAR, startClamav, STREAM_MAX_LENGTH } from '../servers/clamav.server.js';
import { createTask, download, finishedTask, postTask, type TaskDocument, upload } from './client.js';
import { encryptedZip } from './encrypted-zip.js';
import { PLUGINS_DIR } from './grounds.js';
import { problemOf } from './problem.js';
import { nothingMore, storedFiles, traces } from './traces.js';

const zipOf = (name: string, content: Buffer | string): Promise<Buffer> => {
  const zip = new ZipFile();
  zip.addBuffer(Buffer.from(content), name);
  zip.end();
  return buffer(zip.outputStream);
};
/** A zip in a zip …, so deep. */
const nested = async (depth: number): Promise<Buffer> =>
  depth === 0 ? Buffer.from(EICAR) : zipOf('inner.zip', await nested(depth - 1));

const halfOnly = async (): Promise<Readable> =>
  Readable.from(
    (async function* () {
      yield Buffer.from('half');
      throw new Error('The disk is gone.');
    })(),
  );

let clamav: ClamavServer;
const verdictOf = (content: Buffer | string, url = clamav.server.url): Promise<ScanVerdict> =>
  new ClamavScanner(url, 10_000).scan(async () => Readable.from([Buffer.from(content)]));

beforeAll(async () => {
  clamav = await startClamav();
});
afterAll(() => clamav.server[Symbol.asyncDispose]());
afterEach(async () => {
  if (clamav.server.running) clamav.server.resume();
  else await clamav.server.start();
});

describe('the verdict of clamd', () => {
  it('is clean for what is clean', async () => {
    await expect(verdictOf('hello')).resolves.toEqual({ type: 'clean' });
    await expect(verdictOf('hello', clamav.socketUrl)).resolves.toEqual({ type: 'clean' });
    await expect(verdictOf(randomBytes(STREAM_MAX_LENGTH))).resolves.toEqual({ type: 'clean' });
  });

  it.each<[string, () => Buffer | string | Promise<Buffer>, object]>([
    ['EICAR', () => EICAR, { type: 'infected', signature: expect.stringContaining('Eicar-Test-Signature') }],
    ['EICAR in a zip', () => nested(1), { type: 'infected' }],
    ['EICAR in a zip in a zip', () => nested(2), { type: 'infected' }],
    ['EICAR in too many zips', () => nested(25), { type: 'too_large' }],
    ['EICAR in an encrypted zip', () => encryptedZip('eicar.com', EICAR, 'secret'), { type: 'encrypted' }],
    ['one byte too much', () => Buffer.alloc(STREAM_MAX_LENGTH + 1, 'x'), { type: 'too_large' }],
    ['far too much', () => Buffer.alloc(20 * STREAM_MAX_LENGTH, 'x'), { type: 'too_large' }],
  ])('blocks %s', async (_, content, verdict) => {
    const bytes = await content();

    await expect(verdictOf(bytes)).resolves.toMatchObject(verdict);
    await expect(verdictOf(bytes, clamav.socketUrl)).resolves.toMatchObject(verdict);
  });

  it('is what a source throws, when it throws', async () => {
    await expect(new ClamavScanner(clamav.server.url, 10_000).scan(halfOnly)).rejects.toThrow('The disk is gone.');
  });
});

describe('a scanner that is not clamd', () => {
  let server: Server;
  let answer: (socket: Socket) => void;
  const scan = () => {
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const scanner = new ClamavScanner(`tcp://127.0.0.1:${port}`, 300);
    return scanner.scan(async () => Readable.from([Buffer.alloc(100_000)]));
  };

  beforeEach(async () => {
    server = createServer((socket) => {
      socket.on('error', () => {});
      socket.resume();
      answer(socket);
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(() => void server.close());

  it.each<[string, string]>([
    ['in other words', 'OK\0'],
    ['with more than the word', 'stream: OK really\0'],
    ['with an error', "stream: Can't allocate memory ERROR\0"],
    ['with nothing', '\0'],
  ])('lets nothing pass when it answers %s', async (_, reply) => {
    answer = (socket) => socket.write(reply);

    await expect(scan()).resolves.toMatchObject({ type: 'error' });
  });

  it('lets nothing pass when it answers before it has seen all', async () => {
    answer = (socket) => socket.write('stream: OK\0');

    await expect(scan()).resolves.toMatchObject({ type: 'error' });
  });

  it('is asked again how much is too much, when it hangs up so that its answer is lost', async () => {
    const heard: Buffer[] = [];
    answer = (socket) => {
      socket.once('data', () => socket.resetAndDestroy());
      answer = (again) => {
        again.on('data', (bytes) => heard.push(Buffer.from(bytes)));
        again.once('end', () => again.end('INSTREAM size limit exceeded. ERROR\0'));
      };
    };

    await expect(scan()).resolves.toEqual({ type: 'too_large' });
    const said = Buffer.concat(heard);
    expect(said.subarray(0, 10).toString()).toBe('zINSTREAM\0');
    expect(said.readUInt32BE(10)).toBeGreaterThan(0);
    expect(said).toHaveLength(14);
  });

  it('gives no verdict when it hangs up and then calls nothing clean', async () => {
    answer = (socket) => {
      socket.once('data', () => socket.resetAndDestroy());
      answer = (again) => void again.end('stream: OK\0');
    };

    await expect(scan()).rejects.toThrow(ScannerUnavailable);
  });

  it.each<[string, (socket: Socket) => void]>([
    ['hangs up', (socket) => void socket.end()],
    ['breaks off within its answer', (socket) => void socket.end('stream: OK')],
    ['resets the connection', (socket) => void socket.resetAndDestroy()],
    ['is silent', () => {}],
    ['talks without end', (socket) => void socket.write('x'.repeat(10_000))],
  ])('gives no verdict when it %s', async (_, behave) => {
    answer = behave;

    await expect(scan()).rejects.toThrow(ScannerUnavailable);
  });
});

describe.each(['block', 'defer'])('a platform with a scanner and the policy %s', (policy) => {
  let platform: Platform;

  beforeAll(async () => {
    const env = { PLUGINS_DIR, CLAMAV_URL: clamav.server.url, SCAN_POLICY: policy, SCAN_TIMEOUT_SECONDS: '2' };
    platform = await startPlatform({ env });
  });
  afterAll(() => platform[Symbol.asyncDispose]());

  const storedContents = async (): Promise<string[]> =>
    Promise.all((await storedFiles(platform)).map((path) => readFile(path, 'latin1')));
  const decode = async (content: string): Promise<TaskDocument> => {
    const options = { text: Buffer.from(content).toString('base64') };
    return finishedTask(platform, (await createTask(platform, 'decode', { options })).task_id);
  };
  const send = (name: string, bytes: Buffer | string): Promise<Response> => {
    const body = new FormData();
    body.append('file', new File([new Uint8Array(Buffer.from(bytes))], name));
    return platform.post('/api/v1/files', { body });
  };

  it.each<[string, string, () => Buffer | string | Promise<Buffer>, number, string]>([
    ['EICAR', 'eicar.com', () => EICAR, 422, 'file_infected'],
    ['EICAR in a zip', 'a.zip', () => nested(1), 422, 'file_infected'],
    ['EICAR in an encrypted zip', 'a.zip', () => encryptedZip('a', EICAR, 'secret'), 422, 'file_encrypted'],
    ['more than is scanned', 'a.txt', () => Buffer.alloc(3 * STREAM_MAX_LENGTH, 'x'), 413, 'file_too_large_to_scan'],
  ])('takes no %s, and keeps nothing of it', async (_, name, content, status, code) => {
    const before = await traces(platform);
    const bytes = await content();

    const asUpload = await problemOf(await send(name, bytes));
    const asInput = await problemOf(await postTask(platform, 'file-hash', { files: [{ name, bytes }] }));

    expect([asUpload, asInput]).toMatchObject([
      { status, error: { code } },
      { status, error: { code } },
    ]);
    await nothingMore(platform, before);
  });

  it('takes what is clean', async () => {
    const file = await upload(platform, 'clean.txt', 'clean');

    expect(file.scan).toBe('clean');
    expect(String(await download(platform, file.file_id))).toBe('clean');
  });

  it('remembers what it refused', async () => {
    await send('eicar.com', EICAR);

    const seen = await until(
      async () => {
        const response = await platform.get('/api/v1/audit?action=scan_refused&limit=1');
        const { data } = (await response.json()) as { data: { details: object }[] };
        return data[0];
      },
      { describe: 'it is remembered' },
    );
    expect(seen.details).toMatchObject({ name: 'eicar.com', verdict: 'infected' });
  });

  it.each(['killed', 'frozen'])('takes no input for a tool while the scanner is %s', async (fault) => {
    if (fault === 'killed') await clamav.server.kill();
    else clamav.server.pause();
    const before = await traces(platform);

    const files = [{ name: 'a.txt', bytes: 'text' }];
    const problem = await problemOf(await postTask(platform, 'file-hash', { files }));

    expect(problem).toMatchObject({ status: 503, error: { code: 'scan_unavailable', retryable: true } });
    await nothingMore(platform, before);
  });

  it('fails a task whose output is not clean', async () => {
    const [good, bad] = [await decode('harmless'), await decode(EICAR)];

    expect(good).toMatchObject({ status: 'completed', outputs: [{ size: 8 }] });
    expect(bad).toMatchObject({ status: 'failed', outputs: [], error: { code: 'output_invalid' } });
    expect(JSON.stringify(await storedContents())).not.toContain(EICAR);
  });

  if (policy === 'block')
    it.each(['killed', 'frozen'])('takes no upload while the scanner is %s', async (fault) => {
      if (fault === 'killed') await clamav.server.kill();
      else clamav.server.pause();
      const before = await traces(platform);

      const response = await send('a.txt', 'text');

      expect(response.headers.get('retry-after')).toBe('30');
      expect(await problemOf(response)).toMatchObject({ status: 503, error: { code: 'scan_unavailable' } });
      await nothingMore(platform, before);
    });
  else
    it.each(['killed', 'frozen'])('keeps uploads out of use while the scanner is %s, then decides', async (fault) => {
      if (fault === 'killed') await clamav.server.kill();
      else clamav.server.pause();
      const good = await upload(platform, 'good.txt', 'good');
      const bad = await upload(platform, 'bad.txt', EICAR);
      const content = (id: string) => platform.get(`/api/v1/files/${id}/content`);

      expect([good.scan, bad.scan]).toEqual(['pending', 'pending']);
      for (const { file_id } of [good, bad]) {
        expect(await problemOf(await content(file_id))).toMatchObject({ error: { code: 'file_not_scanned' } });
        const used = await postTask(platform, 'file-hash', { inputs: [file_id] });
        expect(await problemOf(used)).toMatchObject({ status: 409, error: { code: 'file_not_scanned' } });
        const linked = await platform.postJson(`/api/v1/files/${file_id}/link`, {});
        expect(await problemOf(linked)).toMatchObject({ status: 409, error: { code: 'file_not_scanned' } });
      }
      if (fault === 'killed') await clamav.server.start();
      else clamav.server.resume();

      const scanned = async () => (await content(good.file_id)).status === 200;
      await until(scanned, { timeoutMs: 30_000, describe: 'the good file is clean' });
      await until(async () => (await content(bad.file_id)).status === 410, { describe: 'the bad one is removed' });
      expect(await problemOf(await content(bad.file_id))).toMatchObject({ error: { code: 'file_removed' } });
    });
});
