import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { finished } from 'node:stream/promises';
import { describe, expect, it } from '@jest/globals';
import { BodyFingerprint } from '../../src/http/body.fingerprint.js';

/** Of one file, read in pieces. */
async function ofBytes(pieces: readonly string[], name = 'a.txt'): Promise<string> {
  const fingerprint = new BodyFingerprint();
  await buffer(fingerprint.watch(Readable.from(pieces.map((piece) => Buffer.from(piece))), 'file', name));
  return fingerprint.digest();
}

function ofValues(...values: readonly unknown[]): string {
  const fingerprint = new BodyFingerprint();
  for (const value of values) fingerprint.add(value);
  return fingerprint.digest();
}

describe('the fingerprint of a body', () => {
  it('is the same however the bytes are cut', async () => {
    expect(await ofBytes(['abc', 'def'])).toBe(await ofBytes(['a', 'bcdef']));
  });

  it.each([
    [['abc'], 'a.txt', ['abd'], 'a.txt'],
    [['abc'], 'a.txt', ['abc'], 'b.txt'],
    [['abc'], 'a.txt', ['abc', 'd'], 'a.txt'],
  ])('is another one when something differs: %j %s, %j %s', async (one, oneName, other, otherName) => {
    expect(await ofBytes(one, oneName)).not.toBe(await ofBytes(other, otherName));
  });

  it.each([
    [
      ['a', 'b'],
      ['b', 'a'],
    ],
    [['ab'], ['a', 'b']],
    [[1], ['1']],
    [[null], []],
  ])('does not run values together: %j, %j', (one, other) => {
    expect(ofValues(...one)).not.toBe(ofValues(...other));
  });

  it('passes the bytes on, and counts them', async () => {
    const fingerprint = new BodyFingerprint();

    const passed = await buffer(fingerprint.watch(Readable.from([Buffer.from('abc'), Buffer.from('de')])));

    expect(passed.toString()).toBe('abcde');
    expect(fingerprint.bytes).toBe(5);
  });

  it('ends with the fault of its source', async () => {
    const source = new PassThrough();
    const watched = new BodyFingerprint().watch(source);
    source.write('abc');
    const fault = new Error('The client is gone.');
    source.destroy(fault);

    await expect(buffer(watched)).rejects.toBe(fault);
  });

  it('ends its source when nobody reads any more', async () => {
    const source = new PassThrough();
    const watched = new BodyFingerprint().watch(source);
    watched.destroy();

    await expect(finished(source)).rejects.toThrow(/premature close/i);
    expect(source.destroyed).toBe(true);
  });

  it('stops at the most bytes that it may see', async () => {
    const fault = new Error('Too long.');
    const source = new PassThrough();
    const watched = new BodyFingerprint(4, () => fault).watch(source);
    source.write('abcde');

    await expect(buffer(watched)).rejects.toBe(fault);
    expect(source.destroyed).toBe(true);
  });
});
