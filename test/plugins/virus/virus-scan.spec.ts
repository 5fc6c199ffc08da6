import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import VirusScan from '../../../plugins/virus/virus-scan.tool.ts';
import { missingNeed } from '../../../src/plugins/needs.js';
import { type ClamavServer, EICAR, startClamav } from '../../servers/clamav.server.js';
import { freePort } from '../../servers/free-port.js';
import { runTool } from '../tool-run.js';

let clamav: ClamavServer;
beforeAll(async () => {
  clamav = await startClamav();
});
afterAll(() => clamav.server[Symbol.asyncDispose]());
afterEach(() => {
  delete process.env['CLAMD_URL'];
});

const FILES = [
  { name: 'letter.txt', type: 'text/plain', bytes: 'Nothing bad.\n' },
  { name: 'eicar.com', type: 'text/plain', bytes: EICAR },
];

describe('virus-scan', () => {
  it('says of each file what the scanner says', async () => {
    process.env['CLAMD_URL'] = clamav.server.url;
    await using run = await runTool(new VirusScan(), { inputs: FILES });

    expect(run.result.data).toMatchObject({
      clean: false,
      files: [
        { name: 'letter.txt', verdict: 'clean', signature: null },
        { name: 'eicar.com', verdict: 'infected', signature: expect.stringContaining('Eicar') },
      ],
    });
  });

  it.each([
    ['nobody listens', async () => `tcp://127.0.0.1:${await freePort()}`],
    ['the address is none', async () => 'clamd'],
  ])('fails and calls nothing clean when %s', async (_, url) => {
    process.env['CLAMD_URL'] = await url();

    await expect(runTool(new VirusScan(), { inputs: FILES })).rejects.toMatchObject({ code: 'scanner_unavailable' });
  });

  it('cannot be used where no scanner is named', () => {
    const needs = { requires: [], settings: new VirusScan().settings };
    const permissions = { exec: [], env: ['CLAMD_URL'] };

    expect(missingNeed(needs, permissions)).toBe('It needs the variable CLAMD_URL, which is not set.');
    expect(missingNeed(needs, { ...permissions, env: [] })).toContain('does not name under env');
    process.env['CLAMD_URL'] = 'tcp://clamd';
    expect(missingNeed(needs, permissions)).toBeUndefined();
  });
});
