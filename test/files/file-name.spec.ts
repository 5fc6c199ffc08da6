import { describe, expect, it } from '@jest/globals';
import { safeName } from '../../src/files/file-name.js';
import { randomNumbers } from '../random.js';

const RTLO = '\u202e';

const PATHS = ['/', '\\', '.', '..', ':', '%2f'];
const INVISIBLE = [' ', '\0', '\r\n', '\u007f', '\u0085', RTLO, '\u200d', '\ufeff', '\u2066', '\u{e0041}'];
const LETTERS = ['\ud800', '\udc00', '\u0308', 'u', 'é', '世', '👩‍💻', '"', 'x'.repeat(60)];
const WORST = [...PATHS, ...INVISIBLE, ...LETTERS, 'CON', 'nul', 'COM1', 'LPT¹', '.png'];

describe('safeName', () => {
  it.each([
    ['photo.jpg', 'photo.jpg'],
    ['Übersicht 2026 (final).tar.gz', 'Übersicht 2026 (final).tar.gz'],
    ['世界 🎉.png', '世界 🎉.png'],
    ['.bashrc', '.bashrc'],
    ['no extension', 'no extension'],
    ['%00%2e%2e%2f.png', '%00%2e%2e%2f.png'],
    ["'; DROP TABLE files; --.csv", "'; DROP TABLE files; --.csv"],
  ])('keeps %j', (claimed, name) => {
    expect(safeName(claimed, 'bin')).toBe(name);
  });

  it.each([
    ['a path', '../../etc/passwd', 'passwd'],
    ['a path of Windows', 'C:\\Users\\ada\\photo.jpg', 'photo.jpg'],
    ['both', '..\\../a/..\\b.png', 'b.png'],
    ['a NUL', 'a.php\0.png', 'a.php.png'],
    ['a NUL that hides a path', 'a\0/../b\0.png', 'b.png'],
    ['line ends', 'a\r\nSet-Cookie: b=c.png', 'aSet-Cookie_ b=c.png'],
    ['Unicode line ends', 'a\u2028b\u2029.png', 'ab.png'],
    ['a reversed end', `photo${RTLO}gpj.exe`, 'photogpj.exe'],
    ['zero-width characters', 'a\u200bb\u200d\ufeff\u00ad.png', 'ab.png'],
    ['dots between them', '.\u200b.\u200b/x', 'x'],
    ['a lone surrogate', 'a\ud83d.png', 'a\ufffd.png'],
    ['a decomposed letter', 'u\u0308.png', '\u00fc.png'],
    ['a letter decomposed around something invisible', 'u\u200b\u0308.png', '\u00fc.png'],
    ['dots and spaces at the end', 'evil.exe. . .', 'evil.exe'],
    ['spaces around it', '\t  a b.png  ', 'a b.png'],
    ['a hidden stream', 'a.txt:evil.exe', 'a.txt_evil.exe'],
    ['what Windows allows in no name', 'a<b>|"?*.png', 'a_b_____.png'],
    ['a device', 'CON', '_CON'],
    ['a device with an extension', 'nul.tar.gz', '_nul.tar.gz'],
    ['a device with a space', 'Lpt1 .txt', '_Lpt1 .txt'],
    ['a device with a raised number', 'com¹.txt', '_com¹.txt'],
  ])('cleans %s', (_, claimed, name) => {
    expect(safeName(claimed, 'bin')).toBe(name);
  });

  it.each([
    undefined,
    '',
    '.',
    '..',
    '...',
    ' ',
    ' . ',
    '/',
    '../',
    'folder/',
    'folder\\',
    '\0',
    RTLO,
    '\u200b.\u200b.',
  ])('gives a name of its own instead of %j', (claimed) => {
    expect(safeName(claimed, 'png')).toBe('file.png');
  });

  it('leaves the extension out when there is none', () => {
    expect(safeName('..', '')).toBe('file');
  });

  it('takes names that only look like devices', () => {
    for (const name of ['CONSOLE.txt', 'com10.txt', 'my.con', 'nul-e.txt', 'LPT.txt'])
      expect(safeName(name, 'bin')).toBe(name);
  });

  it('shortens to 255 bytes, keeps the extension and cuts no character', () => {
    expect(safeName(`${'a'.repeat(300)}.jpeg`, 'bin')).toBe(`${'a'.repeat(250)}.jpeg`);
    expect(safeName(`${'é'.repeat(200)}.png`, 'bin')).toBe(`${'é'.repeat(125)}.png`);
    expect(safeName(`${'😀'.repeat(100)}.png`, 'bin')).toBe(`${'😀'.repeat(62)}.png`);
    expect(safeName('a'.repeat(300), 'bin')).toBe('a'.repeat(255));
    expect(safeName(`a.${'b'.repeat(300)}`, 'bin')).toBe(`a.${'b'.repeat(253)}`);
    expect(safeName(`.${'b'.repeat(300)}`, 'bin')).toBe(`.${'b'.repeat(254)}`);
    expect(safeName('a'.repeat(255), 'bin')).toBe('a'.repeat(255));
  });

  it('does not end in a space where it was cut', () => {
    expect(safeName(`${'a'.repeat(254)} b`, 'bin')).toBe('a'.repeat(254));
  });

  it('keeps its promises for 20 000 names made of the worst there is, and changes none twice', () => {
    const random = randomNumbers(11);

    for (let round = 0; round < 20_000; round++) {
      const claimed = Array.from({ length: 1 + random(12) }, () => WORST[random(WORST.length)]).join('');
      const name = safeName(claimed, 'bin');
      expect([claimed, faultsOf(name)]).toEqual([claimed, []]);
      expect([claimed, safeName(name, 'bin')]).toEqual([claimed, name]);
    }
  });
});

function faultsOf(name: string): string[] {
  const rules: [string, boolean][] = [
    ['empty', name === ''],
    ['too long', Buffer.byteLength(name) > 255],
    ['a path', /[/\\]/.test(name) || name === '.' || name === '..'],
    ['invisible', /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(name)],
    ['not well formed', !name.isWellFormed()],
    ['not NFC', name.normalize('NFC') !== name],
    ['not for Windows', /[<>:"|?*]|[\s.]$|^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)/i.test(name)],
  ];
  return rules.filter(([, isBroken]) => isBroken).map(([fault]) => fault);
}
