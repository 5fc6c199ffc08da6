import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from '@jest/globals';
import type { TaskFile } from '../../src/tasks/task.entity.js';
import { zipOf } from '../../src/tasks/task.zip.js';
import { until } from '../conditions.js';
import { entriesOf } from '../flows/zip.js';

const file = (name: string, content: string, type = 'text/plain'): TaskFile & { content: string } => ({
  file_id: crypto.randomUUID(),
  name,
  type,
  size: Buffer.byteLength(content),
  sha256: '',
  content,
});

const opening = (files: readonly { file_id: string; content: string }[]) => async (wanted: TaskFile) =>
  Readable.from([Buffer.from(files.find(({ file_id }) => file_id === wanted.file_id)?.content ?? '')]);

const namesOf = async (...names: readonly string[]): Promise<string[]> => {
  const files = names.map((name, index) => file(name, String(index)));
  const entries = entriesOf(await buffer(zipOf(files, opening(files))));
  expect(Object.values(entries)).toEqual(names.map((_, index) => String(index)));
  return Object.keys(entries);
};

describe('the zip of several files', () => {
  it('has every file under its name, in the order of the outputs', async () => {
    const files = [file('b.txt', 'second\n'.repeat(999)), file('a.png', '\0\x01', 'image/png'), file('c', '')];

    const zip = await buffer(zipOf(files, opening(files)));

    expect(Object.entries(entriesOf(zip))).toEqual(files.map(({ name, content }) => [name, content]));
  });

  it.each([
    [
      ['a.png', 'a.png', 'a.png'],
      ['a.png', 'a (2).png', 'a (3).png'],
    ],
    [
      ['a.png', 'A.PNG', 'a.Png'],
      ['a.png', 'A (2).PNG', 'a (3).Png'],
    ],
    [
      ['a.png', 'a (2).png', 'a.png'],
      ['a.png', 'a (2).png', 'a (3).png'],
    ],
    [
      ['no-dot', 'no-dot', '.hidden', '.hidden'],
      ['no-dot', 'no-dot (2)', '.hidden', '.hidden (2)'],
    ],
    [
      ['x.tar.gz', 'x.tar.gz'],
      ['x.tar.gz', 'x.tar (2).gz'],
    ],
    [
      ['ключ 🔑.txt', 'ключ 🔑.txt', 'é.txt'],
      ['ключ 🔑.txt', 'ключ 🔑 (2).txt', 'é.txt'],
    ],
  ])('turns the names %j into %j', async (names, distinct) => {
    await expect(namesOf(...names)).resolves.toEqual(distinct);
  });

  it('stays small where the type is one that compresses, and only there', async () => {
    const content = 'again and again '.repeat(10_000);
    const sizeAs = async (type: string) => {
      const files = [file('a', content, type)];
      return (await buffer(zipOf(files, opening(files)))).length;
    };

    await expect(sizeAs('image/png')).resolves.toBeGreaterThan(content.length);
    for (const type of ['text/plain', 'application/json', 'image/svg+xml', 'image/bmp'])
      await expect(sizeAs(type)).resolves.toBeLessThan(content.length / 10);
  });

  it('opens no file before its turn', async () => {
    const chunks = Array.from({ length: 64 }, () => Buffer.alloc(64 * 1024));
    const size = chunks.length * 64 * 1024;
    const files = ['1', '2'].map((name) => ({ ...file(name, '', 'image/png'), size }));
    const opened: string[] = [];
    const archive = zipOf(files, async ({ name }) => {
      opened.push(name);
      return Readable.from(chunks);
    });

    await once(archive, 'readable');
    const openedFirst = [...opened];
    await buffer(archive);

    expect(openedFirst).toEqual(['1']);
    expect(opened).toEqual(['1', '2']);
  });

  it('ends with an error when a file in the middle cannot be opened', async () => {
    const files = [file('1', 'one'), file('2', 'two'), file('3', 'three')];
    const archive = zipOf(files, async (wanted) => {
      if (wanted.name === '2') throw new Error('The file is gone.');
      return opening(files)(wanted);
    });

    await expect(buffer(archive)).rejects.toThrow('The file is gone.');
  });

  it('ends with an error when a file breaks off while it is read', async () => {
    const files = [file('1', 'one'), file('2', 'two'), file('3', 'three')];
    const archive = zipOf(files, async (wanted) => {
      if (wanted.name !== '2') return opening(files)(wanted);
      return Readable.from(
        (async function* () {
          yield Buffer.from('t');
          throw new Error('The disk is broken.');
        })(),
      );
    });

    await expect(buffer(archive)).rejects.toThrow('The disk is broken.');
  });

  it.each(['shorter', 'longer, and much so'])(
    'ends with an error when a file is %s than its row says',
    async (content) => {
      const archive = zipOf([{ ...file('1', 'ten bytes!'), type: 'image/png' }], async () =>
        Readable.from([Buffer.from(content)]),
      );

      await expect(buffer(archive)).rejects.toThrow('unexpected number of bytes');
    },
  );

  it('lets go of the file that it reads when whoever downloads it goes away', async () => {
    const handle = await open(process.execPath);
    const source = handle.createReadStream();
    const files = [{ ...file('1', '', 'image/png'), size: (await handle.stat()).size }, file('2', 'two')];
    const archive = zipOf(files, async () => source);
    await once(archive, 'readable');

    archive.destroy();

    await until(() => source.closed, { describe: 'the file is closed' });
    expect(handle.fd).toBe(-1);
  });

  it('lets go of a file that is opened only after whoever downloads it has gone away', async () => {
    const opened = Promise.withResolvers<Readable>();
    const archive = zipOf([file('1', 'one')], () => opened.promise);
    const source = Readable.from([Buffer.from('one')]);
    await new Promise(setImmediate);

    archive.destroy();
    opened.resolve(source);

    await until(() => source.closed, { describe: 'the file is closed' });
    expect(source.destroyed).toBe(true);
  });
});
