import { describe, expect, it } from '@jest/globals';
import { VerifiedTokens } from '../../../src/auth/sessions/verified.tokens.js';

const now = 1_800_000_000_000;
const claims = { sub: 'a user', sid: 'a session', iat: now / 1000, exp: now / 1000 + 900 };

describe('tokens that were checked before', () => {
  it('are known by every letter', () => {
    const tokens = new VerifiedTokens();
    tokens.add('header.claims.signature', claims);

    expect(tokens.find('header.claims.signature', now)).toEqual(claims);
    expect(tokens.find('header.claims.signaturf', now)).toBeUndefined();
    expect(tokens.find('', now)).toBeUndefined();
  });

  it('expire as if they were checked now', () => {
    const tokens = new VerifiedTokens();
    tokens.add('token', claims);

    expect(tokens.find('token', now + 959_000)).toEqual(claims);
    expect(tokens.find('token', now + 960_000)).toBeUndefined();
    expect(tokens.find('token', now)).toBeUndefined();
  });

  it('are forgotten before they fill the memory', () => {
    const tokens = new VerifiedTokens();
    for (let count = 0; count <= 10_000; count++) tokens.add(`token ${count}`, claims);

    expect(tokens.find('token 0', now)).toBeUndefined();
    expect(tokens.find('token 10000', now)).toEqual(claims);
  });
});
