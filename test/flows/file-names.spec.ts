import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { multipart } from '../multipart.js';
import { type Platform, startPlatform } from '../platform.js';
import { createTask, download, finishedTask } from './client.js';

let platform: Platform;

beforeAll(async () => {
  platform = await startPlatform();
});

afterAll(() => platform[Symbol.asyncDispose]());

/** Stores one file under a name that is put into the header as it is. */
const uploadAs = async (filename: string): Promise<{ file_id: string; name: string }> => {
  const { contentType, body } = multipart([{ name: 'file', filename, content: 'content\n' }]);
  const headers = { 'content-type': contentType };
  const response = await platform.post('/api/v1/files', { body: new Uint8Array(body), headers });
  const { data } = JSON.parse(await response.text());
  return data[0];
};

const LONG = `${'x'.repeat(296)}.txt`;

describe('a file name that a client sends', () => {
  it.each([
    ['with folders above', '../../../etc/passwd.txt', 'passwd.txt'],
    ['with folders of Windows', 'C:\\\\Users\\\\me\\\\a.txt', 'a.txt'],
    ['that is only folders', '../..', 'file.txt'],
    ['with a NUL in it', 'a\0b.txt', 'ab.txt'],
    ['with control characters', 'a\x01\x1b[31m\x7fb.txt', 'a[31mb.txt'],
    ['that is turned around in the middle', 'a\u202etxt.exe', 'atxt.exe'],
    ['with a zero-width space', 'a\u200bb.txt', 'ab.txt'],
    ['of 300 bytes', LONG, `${'x'.repeat(251)}.txt`],
    ['of 300 characters that take four bytes each', `${'😀'.repeat(300)}.txt`, `${'😀'.repeat(62)}.txt`],
    ['with emoji', 'cat 🐈‍⬛.txt', 'cat 🐈⬛.txt'],
    ['that is a device of Windows', 'CON', '_CON'],
    ['that is a device with an extension', 'com1.txt', '_com1.txt'],
    ['with dots and spaces at its end', 'a.txt. . ', 'a.txt'],
    ['that is only a dot', '.', 'file.txt'],
    ['with what Windows forbids', 'a<b>|c?*.txt', 'a_b__c__.txt'],
    ['that begins with a dot', '.htaccess', '.htaccess'],
    ['in two pieces that are one letter', 'Ko\u0308ln.txt', 'Köln.txt'],
    ['that would end the header', 'a%22; filename=%22b.txt', 'a%22; filename=%22b.txt'],
  ])('%s is stored clean, and leads to the file', async (_, filename, clean) => {
    const file = await uploadAs(filename);
    const response = await platform.get(`/api/v1/files/${file.file_id}/content`);

    expect(file.name).toBe(clean);
    expect(nameIn(response.headers.get('content-disposition'))).toBe(clean);
    await expect(response.text()).resolves.toBe('content\n');
  });

  it('may come with a file as the body', async () => {
    const headers = { 'content-disposition': "attachment; filename*=UTF-8''..%2FK%C3%B6ln%00.txt" };

    const response = await platform.post('/api/v1/files', { body: 'content\n', headers });
    const { data } = JSON.parse(await response.text());

    expect(response.headers.get('location')).toBe(`/api/v1/files/${data[0].file_id}`);
    expect(data[0].name).toBe('Köln.txt');
  });

  it('may be missing: then the type gives one', async () => {
    const response = await platform.post('/api/v1/files', { body: '{"a": 1}\n' });
    const { data } = JSON.parse(await response.text());

    expect(data[0]).toMatchObject({ name: 'file.json', type: 'application/json' });
    await expect(download(platform, data[0].file_id)).resolves.toEqual(Buffer.from('{"a": 1}\n'));
  });

  it('reaches a tool clean, too', async () => {
    const { file_id } = await uploadAs('../../evil.txt');

    const { task_id } = await createTask(platform, 'file-identify', { inputs: [file_id] });
    const task = await finishedTask(platform, task_id);

    expect(task).toMatchObject({ status: 'completed', data: { files: [{ name: 'evil.txt' }] } });
  });
});

/** The name by RFC 6266: the one in UTF-8, if there is one. */
function nameIn(disposition: string | null): string {
  const [, encoded] = /filename\*=UTF-8''([^;]+)/i.exec(disposition ?? '') ?? [];
  if (encoded) return decodeURIComponent(encoded);
  const [, quoted, token] = /filename=(?:"((?:[^"\\]|\\.)*)"|([^;]+))/i.exec(disposition ?? '') ?? [];
  return quoted?.replaceAll(/\\(.)/g, '$1') ?? token ?? '';
}
