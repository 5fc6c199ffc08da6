import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { findBinary } from './find-binary.js';
import { TemporaryHome } from './temporary-home.js';

describe('findBinary', () => {
  it('takes the first executable file of that name and passes over everything else', async () => {
    await using home = await TemporaryHome.open();
    const [folder, text, program] = ['a', 'b', 'c'].map((name) => join(home.path, name));
    await mkdir(join(String(folder), 'tool'), { recursive: true });
    for (const directory of [text, program]) {
      await mkdir(String(directory));
      await writeFile(join(String(directory), 'tool'), '#!/bin/sh\n', { mode: 0o644 });
    }
    await chmod(join(String(program), 'tool'), 0o755);

    const found = findBinary('tool', ['', join(home.path, 'missing'), String(folder), String(text), String(program)]);

    expect(found).toBe(join(home.path, 'c', 'tool'));
  });

  it('finds nothing where there is nothing', () => {
    expect(findBinary('no-such-program')).toBeUndefined();
  });
});
