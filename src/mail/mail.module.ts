import { type DynamicModule, Global, Module } from '@nestjs/common';
import type { Config } from '../config/config.js';
import { Mail } from './mail.js';
import { NoMail } from './no.mail.js';

/** Gives the Mail that the configuration asks for. */
@Global()
@Module({})
export class MailModule {
  static forRoot(config: Config): DynamicModule {
    const mail = { provide: Mail, useFactory: () => mailFor(config) };
    return { module: MailModule, providers: [mail], exports: [Mail] };
  }
}

async function mailFor({ SMTP_URL, MAIL_FROM }: Config): Promise<Mail> {
  if (SMTP_URL === undefined || MAIL_FROM === undefined) return new NoMail();
  const { SmtpMail } = await import('./smtp.mail.js');
  return new SmtpMail(SMTP_URL, MAIL_FROM);
}
