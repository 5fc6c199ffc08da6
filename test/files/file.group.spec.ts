import { describe, expect, it } from '@jest/globals';
import { type FileGroup, idInGroup, idsOfGroup } from '../../src/files/file.group.js';

const since = new Date('2026-11-21T12:00:00.123Z');
const GROUP: FileGroup = { name: 'task:1', since };

const isIn = (group: FileGroup, id: string): boolean => {
  const [first, last] = idsOfGroup(group);
  return first <= id && id <= last;
};

describe('the ids of a group of files', () => {
  it('are UUIDv7 of its moment, each another one', () => {
    const ids = Array.from({ length: 1_000 }, () => idInGroup(GROUP));

    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(new Set(ids.map((id) => Number.parseInt(id.replace('-', '').slice(0, 12), 16)))).toEqual(
      new Set([since.getTime()]),
    );
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('are a range in which no id of another group is', () => {
    const others = Array.from({ length: 1_000 }, (_, index) => ({ name: `task:${index + 2}`, since }));
    const later = { ...GROUP, since: new Date(since.getTime() + 1) };

    expect(isIn(GROUP, idInGroup(GROUP))).toBe(true);
    expect([later, ...others].filter((other) => isIn(GROUP, idInGroup(other)))).toEqual([]);
  });
});
