import { describe, expect, it } from '@jest/globals';
import { contradictedType } from '../../../src/files/detection/extension.js';

const WORD = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';

describe('the end of a name', () => {
  it.each([
    ['photo.png', 'image/png'],
    ['photo.PNG', 'image/png'],
    ['moving.png', 'image/apng'],
    ['photo.jpg', 'image/jpeg'],
    ['photo.jpeg', 'image/jpeg'],
    ['table.csv', 'text/plain'],
    ['notes.txt', 'text/csv'],
    ['notes.txt', 'application/json'],
    ['notes.txt', 'application/octet-stream'],
    ['server.log', 'application/x-ndjson'],
    ['broken.json', 'text/plain'],
    ['page.html', 'application/xml'],
    ['letter.docx', WORD],
    ['letter.docx', 'application/zip'],
    ['secret.docx', 'application/x-cfb'],
    ['old.doc', 'application/rtf'],
    ['archive.zip', WORD],
    ['song.mp3', 'application/octet-stream'],
    ['song.m4a', 'video/mp4'],
    ['a.tar.gz', 'application/gzip'],
  ])('of %s agrees with %s', (name, type) => {
    expect(contradictedType(name, type)).toBeUndefined();
  });

  it.each([
    ['data', 'image/png'],
    ['.png', 'image/png'],
    ['data.bin', 'image/png'],
    ['photo.png.backup', 'text/html'],
    ['a.constructor', 'text/html'],
    ['a.__proto__', 'text/html'],
    ['video.ts', 'text/plain'],
    ['program.exe', 'application/x-msdownload'],
  ])('of %s promises nothing that %s could break', (name, type) => {
    expect(contradictedType(name, type)).toBeUndefined();
  });

  it.each([
    ['photo.png', 'text/html', 'image/png'],
    ['photo.png', 'image/jpeg', 'image/png'],
    ['photo.png', 'application/octet-stream', 'image/png'],
    ['photo.jpg', 'application/x-msdownload', 'image/jpeg'],
    ['page.pdf.jpg', 'application/pdf', 'image/jpeg'],
    ['invoice.pdf', 'application/x-msdownload', 'application/pdf'],
    ['invoice.pdf', 'text/html', 'application/pdf'],
    ['notes.txt', 'application/x-elf', 'text/*'],
    ['table.csv', 'application/pdf', 'text/*'],
    ['table.csv', 'application/zip', 'text/*'],
    ['letter.docx', 'application/pdf', WORD],
    ['letter.docx', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', WORD],
    ['archive.zip', 'application/gzip', 'application/zip'],
    ['song.mp3', 'text/html', 'audio/*'],
  ])('of %s is contradicted by %s', (name, type, promised) => {
    expect(contradictedType(name, type)).toBe(promised);
  });
});
