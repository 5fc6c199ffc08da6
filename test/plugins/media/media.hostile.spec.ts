import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { INPUT_TYPES } from '../../../plugins/media/source.ts';
import { loadPlugins } from '../../../src/plugins/plugin.loader.js';
import type { Outcome } from '../../../src/sandbox/outcome.js';
import type { PluginCode } from '../../../src/sandbox/plugin.code.js';
import { perform, TestSandbox } from '../../sandbox/sandbox.harness.ts';
import { obtainBinary } from '../../servers/obtain-binary.ts';

const execute = promisify(execFile);
const PLUGINS = join(import.meta.dirname, '../../../plugins');
const CLIP = join(PLUGINS, 'media/fixtures/clip.mp4');

let ffmpeg: string;
let yard: TestSandbox;
let media: PluginCode;
let directory: string;

beforeAll(async () => {
  ffmpeg = await obtainBinary({ name: 'ffmpeg', server: 'FFmpeg', package: 'ffmpeg' });
  directory = await mkdtemp(join(tmpdir(), 'toolyard-media-'));
  yard = await TestSandbox.behind('strict');
  const plugin = (await loadPlugins(PLUGINS)).find(({ folder }) => folder === 'media');
  if (plugin === undefined || !('code' in plugin)) throw new Error('The plugin media cannot be loaded.');
  media = plugin.code;
}, 300_000);

afterAll(async () => {
  await yard.close();
  await rm(directory, { recursive: true });
});

/** A run on a file as if it had been detected as that type, beside a clip that no run may open unless it is the file. */
async function probe(type: string, make: (clip: string, path: string) => Promise<unknown>): Promise<Outcome> {
  const slot = await yard.acquire(media, { memoryMb: 512 });
  const path = join(slot.directory, 'in', 'file');
  const clip = join(slot.directory, 'in', 'clip.mp4');
  await copyFile(CLIP, clip);
  await make(clip, path);
  const inputs = [{ path, name: 'file', type, size: (await stat(path)).size }];
  const outcome = await perform(slot, { tool: 'media-probe.tool.ts', inputs });
  await Promise.all([path, clip].map((file) => rm(file)));
  slot.release();
  return outcome;
}

const PLAYLISTS = {
  hls: (clip: string) => `#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:3,\nfile:${clip}\n#EXT-X-ENDLIST\n`,
  concat: (clip: string) => `ffconcat version 1.0\nfile 'file:${clip}'\n`,
} as const;

describe('the tools for films and sounds', () => {
  it.each(['hls', 'concat'] as const)('ffmpeg by itself would follow a playlist: %s', async (kind) => {
    const path = join(directory, `${kind}.list`);
    await writeFile(path, PLAYLISTS[kind](CLIP));

    const loose = kind === 'concat' ? ['-safe', '0', '-f', 'concat'] : ['-allowed_extensions', 'ALL'];
    const args = ['-v', 'error', '-protocol_whitelist', 'file', ...loose, '-i', path, '-f', 'null', '-'];

    await expect(execute(ffmpeg, args)).resolves.toBeDefined();
  });

  it.each([
    ['hls', INPUT_TYPES],
    ['concat', ['video/mp4', 'video/matroska', 'video/mp2t', 'audio/mpeg']],
  ] as const)(
    'follow no playlist, whatever type it was taken for: %s',
    async (kind, types) => {
      const outcomes = [];
      for (const type of types) {
        const outcome = await probe(type, (clip, path) => writeFile(path, PLAYLISTS[kind](clip)));
        outcomes.push(outcome.type === 'tool_error' ? outcome.code : outcome);
      }

      expect(outcomes).toEqual(types.map(() => 'media_unreadable'));
    },
    60_000,
  );

  it('open the same clip when it is the file', async () => {
    const outcome = await probe('video/mp4', (clip, path) => copyFile(clip, path));

    expect(outcome).toMatchObject({ type: 'done', data: { has_video: true } });
  });

  it('refuse pictures of too many pixels before they decode one', async () => {
    const outcome = await probe('video/mp4', (_, path) => {
      const picture = ['-f', 'lavfi', '-i', 'color=s=4200x4100:r=1:d=1'];
      return execute(ffmpeg, ['-nostdin', '-v', 'error', ...picture, '-c:v', 'mpeg4', '-q:v', '31', '-f', 'mp4', path]);
    });

    expect(outcome).toMatchObject({ type: 'tool_error', code: 'media_too_large' });
  });
});
