import { randomUUIDv7 } from 'node:crypto';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { LocalStorage } from '../../../src/storage/local.storage.js';
import { TaskPins } from '../../../src/tasks/task.pins.js';
import { TaskStore } from '../../../src/tasks/task.store.js';
import { ConditionStore } from '../../../src/tools/installed/condition.store.js';
import { PackageStore } from '../../../src/tools/installed/package.store.js';
import { PluginCondition } from '../../../src/tools/installed/plugin-condition.entity.js';
import { PluginPackage } from '../../../src/tools/installed/plugin-package.entity.js';
import { PluginSweep } from '../../../src/tools/installed/plugin.sweep.js';
import { DATABASES, type TestDatabase } from '../../database/databases.js';
import { pendingTask } from '../../tasks/task.rows.js';

const HASH = 'a'.repeat(64);
const MINUTE_MS = 60_000;
const NO_PERMISSIONS = { net: [], exec: [], env: [], addons: false };

function packageRow(version: string, members: Partial<PluginPackage> = {}): PluginPackage {
  const at = new Date();
  return {
    id: randomUUIDv7(),
    name: '@acme/hello',
    version,
    hash: HASH,
    sha256: HASH,
    size: 1_000,
    source: 'a test',
    status: 'waiting',
    permissions: NO_PERMISSIONS,
    tools: ['hello-say'],
    cases: null,
    installedBy: null,
    installedAt: at,
    changedAt: at,
    ...members,
  };
}

describe.each(DATABASES)('the rows of installed plugins on $name', ({ prepare }) => {
  let ground: TestDatabase;
  let packages: PackageStore;
  let conditions: ConditionStore;

  beforeAll(async () => {
    ground = await prepare(PluginPackage, PluginCondition);
    packages = new PackageStore(ground.database);
    conditions = new ConditionStore(ground.database);
  });
  beforeEach(async () => {
    for (const table of ['plugin_package', 'plugin_condition', 'task'])
      await ground.database.change(`delete from ${table}`, []);
  });
  afterAll(() => ground[Symbol.asyncDispose]());

  const insert = async (version: string, members: Partial<PluginPackage> = {}): Promise<PluginPackage> => {
    const row = packageRow(version, members);
    expect(await packages.insert(row)).toBe(true);
    return row;
  };
  const statuses = async () => (await packages.list()).map(({ version, status }) => `${version} ${status}`);

  const crash = (task: string, most = 3) => conditions.countCrash('hello', HASH, task, most);

  it('are as they were written, and a version is there once', async () => {
    const row = await insert('1.0.0', { cases: { passed: 1, failed: 0, skipped: 2 } });

    expect(await packages.find('@acme/hello', '1.0.0')).toStrictEqual(row);
    expect(await packages.insert(packageRow('1.0.0'))).toBe(false);
  });

  it('have one current version, and those before it', async () => {
    const one = await insert('1.0.0');
    const two = await insert('2.0.0', { installedAt: new Date(Date.now() + 1) });

    expect(await packages.makeCurrent(one, null)).toBe(true);
    expect(await packages.makeCurrent(two, null, one)).toBe(true);
    expect(await statuses()).toEqual(['2.0.0 current', '1.0.0 superseded']);
    // Whoever does not know of the change changes nothing.
    expect(await packages.makeCurrent(two, null, one)).toBe(false);
    expect(await packages.makeCurrent(one, null, two)).toBe(true);
    expect(await statuses()).toEqual(['2.0.0 superseded', '1.0.0 current']);
  });

  it('go when no task needs them, some time after another version came', async () => {
    const storage = new LocalStorage(ground.directory);
    const sweep = new PluginSweep(packages, storage, new TaskPins(ground.database));
    const one = await insert('1.0.0', { status: 'superseded' });
    await storage.write(one.id, Readable.from(['bytes']));
    const task = pendingTask({ tool: 'hello-say', toolVersion: '1.0.0' });
    await new TaskStore(ground.database).insert(task);
    const later = new Date(Date.now() + 11 * MINUTE_MS);

    await sweep.sweep(later);
    expect(await statuses()).toEqual(['1.0.0 superseded']);
    await ground.database.change('delete from task', []);
    await sweep.sweep(new Date(Date.now() + 9 * MINUTE_MS));
    expect(await statuses()).toEqual(['1.0.0 superseded']);
    await sweep.sweep(later);

    expect(await statuses()).toEqual([]);
    expect(await storage.stat(one.id)).toBeUndefined();
  });

  describe('count crashes', () => {
    it('of different tasks, until they make a quarantine', async () => {
      expect(await crash('one')).toMatchObject({ crashes: 1, status: 'enabled' });
      expect(await crash('one')).toBeUndefined();
      expect(await crash('two')).toMatchObject({ crashes: 2, status: 'enabled' });
      expect(await crash('three')).toMatchObject({ crashes: 3, status: 'quarantined' });
      expect(await crash('four')).toMatchObject({ crashes: 4, status: 'quarantined' });
    });

    it('at once where a single one is too many', async () => {
      expect(await crash('one', 1)).toMatchObject({ crashes: 1, status: 'quarantined' });
    });

    it('in a row, and a quarantine stays until somebody lifts it', async () => {
      await crash('one');
      await conditions.forgiveCrashes('hello', HASH);
      expect(await crash('two', 2)).toMatchObject({ crashes: 1 });
      expect(await crash('three', 2)).toMatchObject({ status: 'quarantined' });

      await conditions.forgiveCrashes('hello', HASH);
      expect(await conditions.list()).toMatchObject([{ status: 'quarantined' }]);
      await conditions.enable('hello');

      expect(await conditions.list()).toEqual([]);
    });

    it('apart from what an admin has disabled', async () => {
      await conditions.disable('hello');
      await conditions.disable('hello');
      await crash('one', 1);

      expect(await conditions.list()).toMatchObject([
        { hash: '', status: 'disabled' },
        { hash: HASH, status: 'quarantined' },
      ]);
    });
  });
});
