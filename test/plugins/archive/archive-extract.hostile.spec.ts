import { readdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import ArchiveExtract from '../../../plugins/archive/archive-extract.tool.ts';
import ArchiveList from '../../../plugins/archive/archive-list.tool.ts';
import { onBusyMachine } from '../../time.limits.js';
import { runTool } from '../tool-run.js';
import { endlessTar, tarOf, zipOf, type ZipLie } from './hostile-archives.js';

const MIB = 1024 ** 2;

const given = (bytes: Buffer) => ({ inputs: [{ name: 'archive', type: 'application/zip', bytes }] });

async function codeOf(bytes: Buffer): Promise<unknown> {
  try {
    await using run = await runTool(new ArchiveExtract(), given(bytes));
    return run.result.data;
  } catch (error) {
    return (error as { code?: string }).code ?? error;
  }
}

const many = (count: number, bytes: Buffer) =>
  Array.from({ length: count }, (_, index) => ({ name: `${index}`, bytes }));

const NAMES = [
  ['leads upwards', '../evil'],
  ['leads upwards from a folder', 'a/../../evil'],
  ['is absolute', '/etc/passwd'],
  ['names a drive', 'C:evil'],
  ['has a backslash', 'a\\..\\evil'],
  ['has a control character', 'a\u0001b'],
  ['is too long', 'x'.repeat(1_001)],
  ['lies too deep', 'a/'.repeat(51) + 'b'],
] as const;

describe('an entry', () => {
  it.each(NAMES)('whose name %s is refused, from ZIP and tar, and nothing beside it is unpacked', async (_, name) => {
    expect(await codeOf(zipOf({ name: 'good' }, { name }))).toBe('entry_name_refused');
    expect(await codeOf(await tarOf({ name: 'good' }, { name }))).toBe('entry_name_refused');
  });

  it('whose name has a NUL is refused', async () => {
    expect(await codeOf(zipOf({ name: 'good.txt\0.exe' }))).toBe('entry_name_refused');
  });

  it.each([
    ['the same', 'a', 'a'],
    ['other cases', 'Straße/A', 'straße/a'],
    ['other accents', 'caf\u00e9', 'cafe\u0301'],
    ['a folder with the name of a file', 'a', 'a/b'],
    ['a file with the name of a folder', 'a/b', 'a'],
    ['a needless dot', 'a', './a'],
  ])('that is another one, too, is refused: %s', async (_, one, other) => {
    expect(await codeOf(zipOf({ name: one }, { name: other }))).toBe('entries_collide');
    expect(await codeOf(await tarOf({ name: one }, { name: other }))).toBe('entries_collide');
  });

  it.each([0o120777, 0o020666, 0o060666, 0o010644, 0o140755])('of a ZIP with the mode %o is refused', async (mode) => {
    expect(await codeOf(zipOf({ name: 'a', mode }))).toBe('entry_kind_refused');
  });

  it.each(['symlink', 'link', 'character-device', 'block-device', 'fifo'] as const)(
    'of a tar that is a %s is refused',
    async (type) => {
      expect(await codeOf(await tarOf({ name: 'a', type, linkname: 'b' }))).toBe('entry_kind_refused');
      expect(await codeOf(gzipSync(await tarOf({ name: 'a', type, linkname: 'b' })))).toBe('entry_kind_refused');
    },
  );

  it('that is encrypted is refused', async () => {
    expect(await codeOf(zipOf({ name: 'a', flags: 0x801, size: 4 }))).toBe('archive_encrypted');
    expect(await codeOf(zipOf({ name: 'a', flags: 0x841 }))).toBe('archive_encrypted');
  });
});

describe('an archive that lies', () => {
  const zeros = Buffer.alloc(32 * MIB);

  it.each<[string, ZipLie]>([
    ['claims less than it has', { name: 'a', bytes: zeros, size: 10 }],
    ['claims more than it has', { name: 'a', bytes: Buffer.from('a'), size: 1_000 }],
    ['has another checksum', { name: 'a', bytes: Buffer.from('a'), crc: 1 }],
  ])('is refused when it %s', async (_, lie) => {
    expect(await codeOf(zipOf(lie))).toBe('archive_damaged');
  });

  it('is refused when its entries share their bytes', async () => {
    expect(await codeOf(zipOf({ name: 'a', bytes: zeros }, { name: 'b', isEcho: true }))).toBe('entries_overlap');
  });
});

describe('an archive that becomes too much', () => {
  it('is stopped while it does, long before it has', async () => {
    const before = process.memoryUsage().rss;
    const bombs = [
      zipOf({ name: 'a', bytes: Buffer.alloc(64 * MIB) }),
      gzipSync(Buffer.alloc(64 * MIB)),
      await endlessTar(64 * MIB),
    ];
    const built = process.memoryUsage().rss;
    const started = performance.now();
    for (const bomb of bombs) expect(await codeOf(bomb)).toBe('ratio_too_high');

    expect(performance.now() - started).toBeLessThan(onBusyMachine(3_000));
    expect(process.memoryUsage().rss - Math.max(before, built)).toBeLessThan(64 * MIB);
  });

  it('is refused for its entries, and for the files that it would become', async () => {
    expect(await codeOf(zipOf(...many(10_001, Buffer.alloc(0))))).toBe('too_many_entries');
    expect(await codeOf(zipOf(...many(1_001, Buffer.from('x'))))).toBe('too_many_files');
  });

  it('leaves nothing behind but what its run wrote into the workspace', async () => {
    await using run = await runTool(new ArchiveExtract(), given(zipOf({ name: 'a/b', bytes: Buffer.from('x') })));
    const [output] = run.result.outputs ?? [];

    expect(run.result.outputs).toHaveLength(1);
    expect(await readdir(dirname(output?.path ?? ''))).toEqual(['0']);
  });
});

describe('a list of hostile entries', () => {
  it('says of each why it would be refused', async () => {
    const bytes = zipOf({ name: '../a' }, { name: 'b', mode: 0o120777 }, { name: 'c' }, { name: 'C' }, { name: 'd' });
    await using run = await runTool(new ArchiveList(), given(bytes));

    expect(run.result.data).toMatchObject({
      extractable: false,
      shown: ['entry_name_refused', 'entry_kind_refused', null, 'entries_collide', null].map((refused) => ({
        refused,
      })),
    });
  });
});
