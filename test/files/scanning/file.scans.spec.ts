import { createServer, type Server } from 'node:net';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { loadConfig } from '../../../src/config/config.load.js';
import { ScannerUnavailable } from '../../../src/files/scanning/scanner.js';
import { KeyNotFound } from '../../../src/storage/storage.js';
import { OWNING } from '../../auth/actors.js';
import { DATABASES, type TestDatabase } from '../../database/databases.js';
import { OWNER } from '../../tasks/task.rows.js';
import { filesOf, type TestFiles } from '../../worker/files.js';

describe.each(DATABASES)('files that wait for the scanner on $name', ({ prepare }) => {
  let ground: TestDatabase;
  let files: TestFiles;
  let server: Server;
  let isAway: boolean;

  /** Breaks down at every file with this word in it. */
  const scanner = (): Server =>
    createServer((socket) => {
      let heard = '';
      socket.on('error', () => {});
      socket.on('data', (bytes) => {
        heard += bytes.toString('latin1');
        if (isAway || heard.includes('poison')) socket.destroy();
        else if (heard.endsWith('\0\0\0\0')) socket.end('stream: OK\0');
      });
    });

  beforeAll(async () => {
    ground = await prepare();
    server = scanner();
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const CLAMAV_URL = `tcp://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
    const config = loadConfig({ DATA_DIR: ground.directory, CLAMAV_URL, SCAN_POLICY: 'defer' });
    files = await filesOf({ ...ground, config });
  });
  beforeEach(async () => {
    await ground.database.change('delete from file', []);
    isAway = false;
  });
  afterAll(async () => {
    server.close();
    await files.audit.onApplicationShutdown();
    await ground[Symbol.asyncDispose]();
  });

  const waiting = async (content: string): Promise<string> => {
    isAway = true;
    const wanted = { owner: OWNER, origin: 'upload' as const, name: 'a.txt', maxBytes: 1e6, mayWaitForScan: true };
    const { id, scan } = await files.service.receive(Readable.from([Buffer.from(content)]), wanted);
    isAway = false;
    expect(scan).toBe('pending');
    return id;
  };
  const scanOf = async (id: string) => (await files.access.read(OWNING, id)).scan;

  it('are scanned, and then they can be used', async () => {
    const ids = [await waiting('one'), await waiting('two'), await waiting('three')];

    await files.scans.examineWaiting(2);
    await expect(Promise.all(ids.map(scanOf))).resolves.toEqual(['clean', 'clean', 'pending']);
    await files.scans.examineWaiting(2);
    await expect(Promise.all(ids.map(scanOf))).resolves.toEqual(['clean', 'clean', 'clean']);
  });

  it.each([
    ['at which the scanner breaks down', 'poison', ScannerUnavailable, async () => {}],
    ['without bytes', 'gone', KeyNotFound, (id: string) => files.storage.remove(id)],
  ])('do not wait behind one %s', async (_, content, fault, spoil) => {
    const [bad, good] = [await waiting(content), await waiting('good')];
    await spoil(bad);

    await expect(files.scans.examineWaiting(100)).rejects.toThrow(fault);
    await files.scans.examineWaiting(100);

    await expect(Promise.all([bad, good].map(scanOf))).resolves.toEqual(['pending', 'clean']);
    await expect(files.scans.examineWaiting(100)).rejects.toThrow(fault);
  });

  it('go on waiting while the scanner is away', async () => {
    const id = await waiting('good');
    isAway = true;

    await expect(files.scans.examineWaiting(100)).rejects.toThrow(ScannerUnavailable);
    await expect(scanOf(id)).resolves.toBe('pending');
  });
});
