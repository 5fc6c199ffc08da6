import { describe, expect, it } from '@jest/globals';
import { PasswordHash } from '../../../src/auth/passwords/password.hash.js';

describe('the hash of a password', () => {
  const hash = new PasswordHash();

  it('is argon2id with 19 MiB, two passes and one lane, or better', async () => {
    const [, kind, version, cost] = (await hash.hash('correct horse battery staple')).split('$');
    const { m, t, p } = Object.fromEntries((cost ?? '').split(',').map((part) => part.split('=')));

    expect([kind, version]).toEqual(['argon2id', 'v=19']);
    expect(Number(m)).toBeGreaterThanOrEqual(19_456);
    expect(Number(t)).toBeGreaterThanOrEqual(2);
    expect(Number(p)).toBeGreaterThanOrEqual(1);
  });

  it('fits its password, and no other', async () => {
    const kept = await hash.hash('correct horse battery staple');

    await expect(hash.matches('correct horse battery staple', kept)).resolves.toBe(true);
    await expect(hash.matches('correct horse battery stapl', kept)).resolves.toBe(false);
    await expect(hash.matches('correct horse battery staple ', kept)).resolves.toBe(false);
    await expect(hash.matches('', kept)).resolves.toBe(false);
  });

  it('looks at every byte, however long the password is', async () => {
    const kept = await hash.hash(`${'ü'.repeat(127)}a`);

    await expect(hash.matches(`${'ü'.repeat(127)}b`, kept)).resolves.toBe(false);
    await expect(hash.matches(`${'ü'.repeat(127)}a`, kept)).resolves.toBe(true);
  });

  it('takes a letter as the same, in whichever form the keyboard writes it', async () => {
    await expect(hash.matches('Zu\u0308rich', await hash.hash('Z\u00fcrich'))).resolves.toBe(true);
  });

  it('is another one each time', async () => {
    expect(await hash.hash('the same')).not.toBe(await hash.hash('the same'));
  });

  it('fits nobody where there is none', async () => {
    await expect(hash.matches('anything', null)).resolves.toBe(false);
  });

  it('is made for many at once without forgetting anybody', async () => {
    const all = await Promise.all(Array.from({ length: 8 }, (_, index) => hash.hash(`number ${index}`)));

    await expect(Promise.all(all.map((kept, index) => hash.matches(`number ${index}`, kept)))).resolves.toEqual(
      all.map(() => true),
    );
  });
});
