import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { Logger } from '@nestjs/common';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Problem } from '../../src/errors/problem.js';
import { errorDocument } from '../../src/errors/problem.document.js';
import { TaskClaims } from '../../src/tasks/task.claims.js';
import type { Task, TaskFile } from '../../src/tasks/task.entity.js';
import { TaskStore } from '../../src/tasks/task.store.js';
import { outputGroup } from '../../src/worker/output.group.js';
import { Settlement } from '../../src/worker/settlement.js';
import { DATABASES, type TestDatabase } from '../database/databases.js';
import { ECHO, OWNER, pendingTask } from '../tasks/task.rows.js';
import { filesOf, type TestFiles } from './files.js';
import { RecordingQueue } from './recording.queue.js';

const error = errorDocument(new Problem('worker_lost', 'It died.'), null);
const usage = { wall_ms: 1, cpu_ms: 2, max_rss_bytes: 3 };
const never = new AbortController().signal;

describe.each(DATABASES)('the outputs of an attempt whose worker is lost, on $name,', ({ prepare }) => {
  let ground: TestDatabase;
  let files: TestFiles;
  let store: TaskStore;
  let settlement: Settlement;
  let task: Task;

  beforeAll(async () => {
    Logger.overrideLogger(false);
    ground = await prepare();
    files = await filesOf(ground);
    store = new TaskStore(ground.database);
    settlement = new Settlement(store, files.service, new RecordingQueue());
  });
  beforeEach(async () => {
    await ground.database.change('delete from task', []);
    await store.insert(pendingTask({ attempt: 1 }));
    const claimed = await new TaskClaims(ground.database).claim('worker:1', ECHO);
    if (!claimed) throw new Error('There was nothing to claim.');
    task = claimed;
  });
  afterAll(() => ground[Symbol.asyncDispose]());

  /** Stores a file as the output of this task, or of one that differs in these members. */
  const output = async (members: Partial<Task> = {}): Promise<TaskFile> => {
    const group = outputGroup({ ...task, ...members });
    const wanted = { owner: OWNER, origin: 'output', name: 'a.txt', maxBytes: 100, group } as const;
    const { id, name, type, size, sha256 } = await files.service.receive(Readable.from(['bytes']), wanted);
    return { file_id: id, name, type, size, sha256 };
  };
  const exist = (all: readonly TaskFile[]): Promise<boolean[]> =>
    Promise.all(all.map(async ({ file_id }) => (await files.storage.stat(file_id)) !== undefined));

  it('are removed, and nothing else is', async () => {
    const left = [await output(), await output()];
    const others = [await output({ attempt: 1 }), await output({ id: randomUUID() }), await files.stored('upload')];

    await settlement.recover(task, { type: 'crashed', error });

    await expect(exist(left)).resolves.toEqual([false, false]);
    await expect(exist(others)).resolves.toEqual([true, true, true]);
  });

  it('stay when it has named them after all', async () => {
    const outputs = [await output()];
    await settlement.settle(task, { type: 'completed', outputs, data: null, usage }, never);

    await expect(settlement.recover(task, { type: 'crashed', error })).resolves.toBe('was taken away');

    await expect(exist(outputs)).resolves.toEqual([true]);
  });
});
