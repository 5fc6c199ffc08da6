import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DATABASES, type TestDatabase } from './databases.js';

const insert = (id: number, owner: string) => ({
  text: `insert into file (id, owner, name, type, extension, size, sha256, created_at, expires_at)
         values (?, ?, 'a', 'b', 'c', 1, 'd', ?, ?)`,
  values: [`019a0000-0000-7000-8000-${String(id).padStart(12, '0')}`, owner, new Date(0), new Date(0)],
});

const nothing = { text: 'update file set size = 2 where owner = ?', values: ['nobody'] };

describe.each(DATABASES)('statements that belong together, on $name,', ({ prepare }) => {
  let ground: TestDatabase;
  beforeAll(async () => {
    ground = await prepare();
  });
  afterAll(() => ground[Symbol.asyncDispose]());

  const owned = async (owner: string) => ground.database.query('select size from file where owner = ?', [owner]);

  it('are all carried out, in their order', async () => {
    const grow = { text: 'update file set size = 7 where owner = ?', values: ['together'] };

    await expect(ground.database.together([insert(1, 'together'), grow])).resolves.toBe(true);
    expect((await owned('together')).map(({ size }) => Number(size))).toEqual([7]);
  });

  it.each([
    ['before', (owner: string) => [nothing, insert(2, owner)]],
    ['after', (owner: string) => [insert(2, owner), nothing]],
  ])('are none when one changes nothing, %s the others', async (_, statements) => {
    await expect(ground.database.together(statements('undone'))).resolves.toBe(false);
    expect(await owned('undone')).toEqual([]);
  });

  it('are none when one fails', async () => {
    await expect(ground.database.together([insert(3, 'failed'), insert(3, 'failed')])).rejects.toThrow(/unique/i);
    expect(await owned('failed')).toEqual([]);
  });

  it('keep apart what others do at the same time', async () => {
    const failing = Array.from({ length: 10 }, () => ground.database.together([insert(4, 'crowd'), nothing]));
    const alone = Array.from({ length: 10 }, (_, index) => {
      const { text, values } = insert(100 + index, 'crowd');
      return ground.database.change(text, values);
    });

    expect(await Promise.all(failing)).toEqual(failing.map(() => false));
    await Promise.all(alone);
    expect(await owned('crowd')).toHaveLength(10);
  });
});
