import { describe, expect, it } from '@jest/globals';
import FileHash from '../../../plugins/file/file-hash.tool.ts';
import { runTool, type GivenFile } from '../tool-run.js';

const tool = new FileHash();

const file = (bytes: Uint8Array | string, name = 'a.txt'): GivenFile => ({ name, type: 'text/plain', bytes });

/** FIPS 180-4, RFC 1321 and RFC 7693 give these for the three letters, and the first three for nothing. */
const ABC = {
  sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  sha512:
    'ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f',
  sha1: 'a9993e364706816aba3e25717850c26c9cd0d89d',
  md5: '900150983cd24fb0d6963f7d28e17f72',
  blake2b512:
    'ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d17d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923',
};
const NOTHING = {
  sha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  sha1: 'da39a3ee5e6b4b0d3255bfef95601890afd80709',
  md5: 'd41d8cd98f00b204e9800998ecf8427e',
};

describe('file-hash', () => {
  it('computes every checksum that is asked for, of every file, in order', async () => {
    const algorithms = ['sha256', 'sha512', 'sha1', 'md5', 'blake2b512'] as const;
    const inputs = [file('abc', 'one'), file('', 'two')];

    await using run = await runTool(tool, { inputs, options: { algorithms: [...algorithms] } });

    expect(run.result).toEqual({
      data: {
        files: [
          { name: 'one', size: 3, digests: ABC },
          { name: 'two', size: 0, digests: expect.objectContaining(NOTHING) },
        ],
      },
    });
  });

  it('computes SHA-256 when nothing is asked for', async () => {
    await using run = await runTool(tool, { inputs: [file('abc')] });

    expect(run.result.data).toEqual({ files: [{ name: 'a.txt', size: 3, digests: { sha256: ABC.sha256 } }] });
  });

  it('computes a checksum once that is named twice', async () => {
    await using run = await runTool(tool, { inputs: [file('abc')], options: { algorithms: ['md5', 'md5'] } });

    expect(run.result.data).toEqual({ files: [{ name: 'a.txt', size: 3, digests: { md5: ABC.md5 } }] });
  });

  it('says which files match the expected checksum, in capitals too', async () => {
    const options = { expected: ABC.sha256.toUpperCase() };

    await using run = await runTool(tool, { inputs: [file('abc'), file('abd')], options });

    expect(run.result.data).toMatchObject({ files: [{ matches: true }, { matches: false }] });
  });

  it('refuses an expected checksum that none of the algorithms can have', async () => {
    const running = runTool(tool, { inputs: [file('abc')], options: { expected: ABC.md5 } });

    await expect(running).rejects.toMatchObject({
      name: 'ToolError',
      code: 'expected_not_comparable',
      message: 'The expected checksum has 32 digits, but sha256 has 64. Name its algorithm.',
    });
  });

  it.each([{ expected: 'not a checksum' }, { algorithms: [] }, { algorithms: ['crc32'] }, { algorithm: 'md5' }])(
    'does not take the options %j',
    (options) => {
      expect(tool.options.safeParse(options).success).toBe(false);
    },
  );

  it('reports progress by bytes over all files, once per percent', async () => {
    const inputs = [file(Buffer.alloc(3 * 1024 ** 2)), file(Buffer.alloc(1024 ** 2))];

    await using run = await runTool(tool, { inputs });

    expect(run.progress).toEqual([0.25, 0.5, 0.75, 1]);
  });

  it('stops reading when the run is aborted', async () => {
    const controller = new AbortController();
    const seen: number[] = [];
    const running = runTool(tool, {
      inputs: [file(Buffer.alloc(16 * 1024 ** 2))],
      signal: controller.signal,
      onProgress: (ratio) => {
        seen.push(ratio);
        controller.abort();
      },
    });

    await expect(running).rejects.toMatchObject({ name: 'AbortError' });
    expect(seen.length).toBeLessThan(16);
  });
});
