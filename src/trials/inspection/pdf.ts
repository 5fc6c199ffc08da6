import { readFile } from 'node:fs/promises';
import { PDFDocument } from '@cantoo/pdf-lib';

export async function lookAtPdf(path: string): Promise<{ readonly count: number }> {
  const document = await PDFDocument.load(await readFile(path), { ignoreEncryption: true, updateMetadata: false });
  return { count: document.getPageCount() };
}
