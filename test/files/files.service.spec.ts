import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Problem } from '../../src/errors/problem.js';
import { fileStored, type FileStoredEvent } from '../../src/files/file.channels.js';
import type { FilesService, NewFile } from '../../src/files/files.service.js';
import { until } from '../conditions.js';
import { DATABASES, type TestDatabase } from '../database/databases.js';
import { actor, OWNING } from '../auth/actors.js';
import { OWNER } from '../tasks/task.rows.js';
import { filesOf, type TestFiles } from '../worker/files.js';

const HOUR = 3_600_000;

describe.each(DATABASES)('files on $name', ({ prepare }) => {
  let ground: TestDatabase;
  let files: TestFiles;
  let service: FilesService;
  let events: FileStoredEvent[];
  let unsubscribe: () => void;

  beforeAll(async () => {
    ground = await prepare();
    files = await filesOf(ground);
    ({ service } = files);
  });
  beforeEach(async () => {
    await ground.database.change('delete from file', []);
    events = [];
    unsubscribe = fileStored.subscribe((event) => events.push(event));
  });
  afterEach(() => unsubscribe());
  afterAll(() => ground[Symbol.asyncDispose]());

  const receive = (content: Readable | string, wanted: Partial<NewFile> = {}) => {
    const source = typeof content === 'string' ? Readable.from([Buffer.from(content)]) : content;
    return service.receive(source, { owner: OWNER, origin: 'upload', name: 'a.txt', maxBytes: 1_000_000, ...wanted });
  };
  const rows = () => ground.database.query('select id from file', []);
  const expire = (id: string) =>
    ground.database.change('update file set expires_at = ? where id = ?', [new Date(Date.now() - 1), id]);

  it('are stored with all that is found out of them', async () => {
    const before = Date.now();

    const file = await receive('Hello, Wörld\n', { name: '../x/Grüße.txt' });

    expect(file).toMatchObject({
      owner: OWNER,
      name: 'Grüße.txt',
      type: 'text/plain',
      extension: 'txt',
      size: 14,
      sha256: createHash('sha256').update('Hello, Wörld\n').digest('hex'),
      purgedAt: null,
    });
    expect(file.expiresAt.getTime() - before).toBeGreaterThanOrEqual(24 * HOUR);
    await expect(files.access.read(OWNING, file.id)).resolves.toStrictEqual(file);
    await expect(text(await service.read(file))).resolves.toBe('Hello, Wörld\n');
    await expect(text(await service.read(file, { start: 0, end: 4 }))).resolves.toBe('Hello');
    expect(events).toEqual([{ origin: 'upload', bytes: 14 }]);
  });

  it.each<[string, string | (() => Readable), Partial<NewFile>, object]>([
    ['too large', 'x'.repeat(11), { maxBytes: 10 }, { code: 'file_too_large' }],
    ['empty', () => Readable.from([]), {}, { code: 'file_empty' }],
    [
      'of a type that nobody wants',
      'text',
      {
        accept: () => {
          throw new Problem('file_type_not_accepted');
        },
      },
      { code: 'file_type_not_accepted' },
    ],
    [
      'broken off',
      () =>
        Readable.from(
          (async function* () {
            yield Buffer.from('half');
            throw new Error('The client went away.');
          })(),
        ),
      {},
      { message: 'The client went away.' },
    ],
  ])('leave nothing when they are %s', async (_, content, wanted, fault) => {
    const stored = receive(typeof content === 'string' ? content : content(), wanted);

    await expect(stored).rejects.toMatchObject(fault);

    await expect(rows()).resolves.toEqual([]);
    expect(events).toEqual([]);
  });

  it('let go of their source when the database does not answer', async () => {
    const handle = await open(process.execPath);
    const source = handle.createReadStream();
    const insert = files.store.insert.bind(files.store);
    files.store.insert = async () => {
      throw new Error('The database does not answer.');
    };

    await expect(receive(source)).rejects.toThrow('The database does not answer.');
    files.store.insert = insert;

    await until(() => source.closed, { describe: 'the source is closed' });
    expect(handle.fd).toBe(-1);
  });

  it('are given up when they were swept away while they were being written', async () => {
    const held = Promise.withResolvers<void>();
    const stored = receive(
      Readable.from(
        (async function* () {
          yield Buffer.from('half');
          await held.promise;
          yield Buffer.from(' and half');
        })(),
      ),
    );
    await until(async () => (await rows()).length === 1, { describe: 'the row is there' });
    await expire(String((await rows())[0]?.['id']));

    await expect(service.purge(10)).resolves.toBe(1);
    held.resolve();

    await expect(stored).rejects.toMatchObject({ code: 'request_timeout', status: 408 });
    await expect(rows()).resolves.toEqual([]);
    expect(events).toEqual([]);
  });

  it('are seen by their owner only', async () => {
    const file = await receive('mine');

    await expect(files.access.read(actor('somebody else'), file.id)).rejects.toMatchObject({ code: 'file_not_found' });
    await expect(service.list('somebody else', 10)).resolves.toEqual([]);
    await expect(service.list(OWNER, 10)).resolves.toEqual([file]);
  });

  it('have expired when their time is over, whether they are swept away or not', async () => {
    const file = await receive('old');
    await expire(file.id);

    await expect(files.access.read(OWNING, file.id)).rejects.toMatchObject({ code: 'file_expired', status: 410 });
    await expect(service.purge(10)).resolves.toBe(1);
    await expect(service.purge(10)).resolves.toBe(0);

    await expect(files.access.read(OWNING, file.id)).rejects.toMatchObject({ code: 'file_expired' });
    await expect(service.read(file)).rejects.toMatchObject({ code: 'file_expired' });
    await expect(service.list(OWNER, 10)).resolves.toEqual([]);
  });

  it('keep their bytes when their expiry is put off at the moment of the sweep', async () => {
    const file = await receive('kept');
    await expire(file.id);
    const expired = files.store.expired.bind(files.store);
    files.store.expired = async (...range) => {
      const found = await expired(...range);
      await service.keep(OWNER, [file.id]);
      return found;
    };

    await expect(service.purge(10)).resolves.toBe(0);
    files.store.expired = expired;

    await expect(text(await service.read(await files.access.read(OWNING, file.id)))).resolves.toBe('kept');
  });

  it('lose their bytes at the next sweep when the process died in the one before', async () => {
    const file = await receive('old');
    await expire(file.id);
    const remove = files.storage.remove.bind(files.storage);
    files.storage.remove = async () => {
      throw new Error('The process dies here.');
    };
    await expect(service.purge(10)).rejects.toThrow('The process dies here.');
    files.storage.remove = remove;

    await expect(service.purge(10)).resolves.toBe(1);

    await expect(files.storage.stat(file.id)).resolves.toBeUndefined();
    await expect(files.access.read(OWNING, file.id)).rejects.toMatchObject({ code: 'file_expired' });
    await expect(service.purge(10)).resolves.toBe(0);
  });

  it('are kept as long as what is made of them', async () => {
    const [used, unused] = [await receive('used'), await receive('unused')];
    const soon = new Date(Date.now() + HOUR);
    for (const { id } of [used, unused])
      await ground.database.change('update file set expires_at = ? where id = ?', [soon, id]);

    await service.keep(OWNER, [used.id]);
    await service.keep('somebody else', [unused.id]);

    expect((await files.access.read(OWNING, used.id)).expiresAt.getTime()).toBeGreaterThan(Date.now() + 23 * HOUR);
    expect((await files.access.read(OWNING, unused.id)).expiresAt).toEqual(soon);
  });

  it('are gone, bytes and row, when they are discarded, and that twice', async () => {
    const file = await receive('gone');

    await service.discard(file.id);
    await service.discard(file.id);

    await expect(rows()).resolves.toEqual([]);
    await expect(files.storage.stat(file.id)).resolves.toBeUndefined();
  });
});
