import { describe, expect, it } from '@jest/globals';
import { commonPasswords } from '../../../src/auth/passwords/common.passwords.js';
import { passwordRefusal } from '../../../src/auth/passwords/password.policy.js';

const LEAST = 15;
const common = await commonPasswords();
const nobody = { email: 'x@y.zz', name: null };
const refusal = (password: string, context: { email: string; name: string | null } = nobody, least = LEAST) =>
  passwordRefusal(password, least, context, common);

describe('a password', () => {
  it.each([
    ['words', 'correct horse battery staple'],
    ['small letters alone', 'aneunderhousewinterly'],
    ['digits that nobody tries', '8403 2217 5590 6611 3'],
    ['spaces at both ends', '   what the river said   '],
    ['other scripts', 'пусть всегда будет солнце'],
    ['emoji', '🦊🐻🐼🐨🐯🦁🐮🐷🐸🐵🐔🐧🐦🐤🦆'],
    ['a NUL in it', 'before\0and after it all'],
    ['128 characters', `${'never odd or even '.repeat(7)}no`],
  ])('may be %s', (_, password) => {
    expect(refusal(password)).toBeUndefined();
  });

  it.each([
    ['14 characters', 'fourteen chars'],
    ['14 characters of four bytes each', '🦊🐻🐼🐨🐯🦁🐮🐷🐸🐵🐔🐧🐦🐤'],
    ['nothing', ''],
  ])('may not be %s', (_, password) => {
    expect(refusal(password)).toBe('The password must have at least 15 characters.');
  });

  it('may not be 129 characters, and is never cut', () => {
    expect(refusal('never odd or even '.repeat(7) + 'noo')).toBe('The password must have at most 128 characters.');
  });

  it.each([
    'password',
    'Password1',
    'PASSWORD!!!',
    '12345678',
    'qwertyuiop',
    'iloveyou',
    'letmein1',
    'sunshine',
    'ｐａｓｓｗｏｒｄ',
  ])('may not be what is tried first, however short it may be: %s', (password) => {
    expect(refusal(password, nobody, 8)).toMatch(/tried first/);
  });

  it.each([
    ['written twice', 'passwordpassword'],
    ['filled up with digits', 'password12345678'],
    ['filled up in front', '1234567password'],
    ['one letter', 'aaaaaaaaaaaaaaaa'],
    ['one digit', '0000000000000000'],
    ['a common one, three times, with signs', 'qwertyqwertyqwerty!!!'],
  ])('may not be a common one in disguise: %s', (_, password) => {
    expect(refusal(password)).toMatch(/tried first/);
  });

  it.each([
    ['the address', 'my ada.lovelace is it', { email: 'Ada.Lovelace@example.org', name: null }],
    ['a short address', 'write to an@ever.io', { email: 'an@ever.io', name: null }],
    ['a name in wide letters', 'what a lovelace would', { email: 'a@b.zz', name: 'ＬＯＶＥＬＡＣＥ' }],
    ['the domain', 'i work for analytical', { email: 'ada@analytical.example', name: null }],
    ['a part of the name', 'what a LOVELACE would', { email: 'a@b.zz', name: 'Ada Lovelace' }],
    ['the name of this house', 'toolyard for the win', nobody],
  ])('may not contain %s', (_, password, context) => {
    expect(refusal(password, context)).toMatch(/your name or address/);
  });

  it('may contain a part of the address that is too short to matter', () => {
    expect(refusal('an evening of the year', { email: 'an@ever.io', name: 'Of The' })).toBeUndefined();
  });

  it('may be as short as the operator says', () => {
    expect(refusal('kw9 tr4z', nobody, 8)).toBeUndefined();
    expect(refusal('kw9 tr4', nobody, 8)).toMatch(/at least 8/);
  });
});
