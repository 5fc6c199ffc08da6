import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { picture } from '../files/detection/samples.js';
import { type Platform, startPlatform } from '../platform.js';
import { createTask, download, type FileDocument, finishedTask, upload } from './client.js';
import { SABOTEURS_DIR } from './grounds.js';
import { launchersPerTool, storedFiles } from './traces.js';

describe.each(['permission', 'auto'])('the bytes of a stored file, with SANDBOX=%s,', (SANDBOX) => {
  let platform: Platform;
  let namespaces: boolean;
  let photo: Buffer;
  let file: FileDocument;
  let path: string;

  beforeAll(async () => {
    platform = await startPlatform({ env: { PLUGINS_DIR: SABOTEURS_DIR, SANDBOX } });
    namespaces = (await launchersPerTool(platform)) > 0;
    photo = await picture('png', 32);
    file = await upload(platform, 'photo.png', photo);
    path = String((await storedFiles(platform)).find((stored) => stored.endsWith(file.file_id)));
  });

  afterAll(() => platform[Symbol.asyncDispose]());

  const stored = () => {
    const { mode, nlink, mtimeMs } = statSync(path);
    return { bytes: readFileSync(path), mode: mode & 0o7777, nlink, mtimeMs };
  };

  it('are readable by nobody else', () => {
    expect(stored().mode).toBe(0o600);
    expect(statSync(dirname(path)).mode & 0o7777).toBe(0o700);
  });

  it('cannot be changed by a tool that has no permissions', async () => {
    const before = stored();

    const { task_id } = await createTask(platform, 'sabotage', { inputs: [file.file_id] });
    const task = await finishedTask(platform, task_id);

    expect(task).toMatchObject({ status: 'completed', data: { succeeded: [] } });
    expect(task.data).toHaveProperty('attempts.length', 10);
    expect(stored()).toEqual(before);
  });

  /** Where no namespace keeps them from it, these do change what they are given: it must be a copy. */
  it.each(['native-sabotage', 'program-sabotage'])('are not what %s changes', async (tool) => {
    const before = stored();

    const { task_id } = await createTask(platform, tool, { inputs: [file.file_id] });
    const task = await finishedTask(platform, task_id);

    expect(task).toMatchObject({ status: 'completed', data: { refused: namespaces, changed: !namespaces } });
    expect(stored()).toEqual(before);
  });

  it('are still those that were uploaded', async () => {
    const bytes = await download(platform, file.file_id);

    expect(bytes).toEqual(photo);
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(file.sha256);
  });
});
