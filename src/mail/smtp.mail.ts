import { createTransport, type Transporter } from 'nodemailer';
import { type Letter, Mail } from './mail.js';

/** A server that is silent must not hold letters for long. */
const PATIENCE_MS = 10_000;

/** Sends over SMTP, each letter on a connection of its own: there are few. */
export class SmtpMail extends Mail {
  readonly available = true;
  private readonly transporter: Transporter;

  /** @param url `smtps://user:password@host`; with `smtp:` the connection is encrypted as soon as the server offers it */
  constructor(
    url: string,
    private readonly from: string,
    patienceMs = PATIENCE_MS,
  ) {
    super();
    this.transporter = createTransport({
      url,
      connectionTimeout: patienceMs,
      greetingTimeout: patienceMs,
      socketTimeout: patienceMs,
      disableFileAccess: true,
      disableUrlAccess: true,
    });
  }

  async send({ to, subject, text }: Letter): Promise<void> {
    await this.transporter.sendMail({ from: this.from, to: { name: '', address: to }, subject, text });
  }
}
