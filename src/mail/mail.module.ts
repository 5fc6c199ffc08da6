import { type DynamicModule, Global, Module } from '@nestjs/common';
import type { Config } from '../config/config.js';
import { Mail } from './mail.js';
import { NoMail } from './no.mail.js';
import { SmtpMail } from './smtp.mail.js';

/** Gives the Mail that the configuration asks for. */
@Global()
@Module({})
export class MailModule {
  static forRoot({ SMTP_URL, MAIL_FROM }: Config): DynamicModule {
    const mail = SMTP_URL !== undefined && MAIL_FROM !== undefined ? new SmtpMail(SMTP_URL, MAIL_FROM) : new NoMail();
    return { module: MailModule, providers: [{ provide: Mail, useValue: mail }], exports: [Mail] };
  }
}
