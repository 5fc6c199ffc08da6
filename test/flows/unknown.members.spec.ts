import { describe, expect, it } from '@jest/globals';
import { unknownMembers } from './unknown.members.js';

const USER = { type: 'object', properties: { id: { type: 'string' } }, additionalProperties: false };
const known = { User: USER };
const page = { type: 'object', properties: { data: { type: 'array', items: { $ref: '#/components/schemas/User' } } } };

describe('the search for members that nobody promised', () => {
  it.each<[string, unknown, unknown, string[]]>([
    ['nothing in what is as promised', { data: [{ id: 'a' }] }, page, []],
    ['a member deep inside', { data: [{ id: 'a' }, { id: 'b', passwordHash: 'c' }] }, page, ['/data/1/passwordHash']],
    ['a member where no schema is', { id: 'a' }, undefined, ['/id']],
    ['a member that no choice has', { id: 'a', hash: 'b' }, { anyOf: [{ type: 'null' }, USER] }, ['/hash']],
    ['nothing where no type is', { any: 1 }, { description: 'What the tool gave.' }, []],
    ['nothing where more may be', { any: 1 }, { type: 'object', additionalProperties: {} }, []],
  ])('finds %s', (_, value, schema, found) => {
    expect(unknownMembers(value, schema, known)).toEqual(found);
  });
});
