import { createServer } from 'node:net';
import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { NoMail } from '../../src/mail/no.mail.js';
import { SmtpMail } from '../../src/mail/smtp.mail.js';
import { freePort } from '../servers/free-port.js';
import { openLetterBox } from './letter.box.js';

const letter = {
  to: 'ada@people.test',
  subject: 'Zürich calls',
  text: 'A link:\n\nhttp://127.0.0.1/password#token=x\n',
};

describe('mail over SMTP', () => {
  it('arrives as it was written', async () => {
    await using box = await openLetterBox();

    await new SmtpMail(box.url, 'toolyard@people.test').send(letter);

    expect(box.recipients).toEqual(['<ada@people.test>']);
    const [text = ''] = box.letters;
    expect(text).toMatch(/^From: toolyard@people\.test\r\nTo: ada@people\.test\r\nSubject: =\?UTF-8\?/);
    expect(text).toContain('http://127.0.0.1/password#token=x');
  });

  it.each([
    'ada@people.test, eve@people.test',
    'ada@people.test\r\nBcc: eve@people.test',
    '<a@b.test> eve@people.test',
  ])('goes to one address, whatever is written there: %j', async (to) => {
    await using box = await openLetterBox();

    await new SmtpMail(box.url, 'toolyard@people.test').send({ ...letter, to }).catch(() => {});

    expect(box.letters.join('\n')).not.toMatch(/^(?:Bcc|Cc):/im);
    expect(box.recipients.length).toBeLessThanOrEqual(1);
    expect(box.recipients).not.toContain('<eve@people.test>');
  });

  it('is known to be refused', async () => {
    await using box = await openLetterBox();
    box.refuse();

    await expect(new SmtpMail(box.url, 'toolyard@people.test').send(letter)).rejects.toThrow('550');
  });

  it('is known to reach nobody where there is no server', async () => {
    const mail = new SmtpMail(`smtp://127.0.0.1:${await freePort()}`, 'toolyard@people.test');

    await expect(mail.send(letter)).rejects.toThrow('ECONNREFUSED');
  });

  it('does not wait for ever for a server that is silent', async () => {
    const silent = createServer(() => {}).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as { port: number };

    await expect(new SmtpMail(`smtp://127.0.0.1:${port}`, 'a@people.test', 200).send(letter)).rejects.toThrow(
      /timeout|greeting/i,
    );

    silent.close();
  });
});

describe('no mail', () => {
  it('says so', async () => {
    const mail = new NoMail();

    expect(mail.available).toBe(false);
    await expect(mail.send()).rejects.toThrow('No server for mail is configured.');
  });
});
