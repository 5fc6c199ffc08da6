import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { hash, verify } from '@node-rs/argon2';

/** argon2id with 19 MiB, two passes, one lane: the least that OWASP's Password Storage Cheat Sheet recommends. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** Each takes 19 MiB and a thread of the few that also read and write files. */
const MOST_AT_ONCE = 2;

/** Passwords as they are kept: argon2id in the PHC string format, of the password in Unicode form NFKC (NIST SP 800-63B). */
@Injectable()
export class PasswordHash {
  private readonly nobodys = this.hash(randomUUID());
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  hash(password: string): Promise<string> {
    return this.inTurn(() => hash(password.normalize('NFKC'), COST));
  }

  /** Takes as long when there is no hash, so that nobody learns which accounts exist; then it is false. */
  async matches(password: string, hashed: string | null): Promise<boolean> {
    const known = hashed ?? (await this.nobodys);
    const matches = await this.inTurn(() => verify(known, password.normalize('NFKC')));
    return matches && hashed !== null;
  }

  private async inTurn<Value>(work: () => Promise<Value>): Promise<Value> {
    if (this.running >= MOST_AT_ONCE) await new Promise<void>((resolve) => this.waiting.push(resolve));
    else this.running += 1;
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.running -= 1;
    }
  }
}
