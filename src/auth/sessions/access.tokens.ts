import { createHash, randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { z } from 'zod';
import { Config } from '../../config/config.js';
import { signingSecrets } from './signing.secret.js';

export const ACCESS_TOKEN_SECONDS = 15 * 60;

/** How far the clocks of two processes may be apart. */
export const CLOCK_TOLERANCE_SECONDS = 60;

/** What verification insists on (RFC 8725): the token's own header chooses nothing but between two known keys. */
export const ACCESS_TOKEN_RULES = { algorithms: ['HS256' as const], issuer: 'toolyard', audience: 'toolyard-api' };

/** RFC 9068 §2.1: says that this is an access token, so that no other kind is taken for one. */
const TYPE = 'at+jwt';

const headerSchema = z.object({ alg: z.literal('HS256'), typ: z.literal(TYPE), kid: z.string() });

/** Who it is for: the user, and the session that can be ended. */
export const accessClaims = z.object({ sub: z.uuid(), sid: z.uuid(), exp: z.number(), iat: z.number() });

export type AccessClaims = z.output<typeof accessClaims>;

interface SigningKey {
  readonly id: string;
  readonly secret: string;
}

/** Makes access tokens (JWT, 15 minutes, HS256), and knows the keys of those that are still good. */
@Injectable()
export class AccessTokens {
  private keys: readonly SigningKey[] = [];

  constructor(
    private readonly jwt: JwtService,
    private readonly config: Config,
  ) {}

  /** Reads the keys, or makes the first. Whoever checks no tokens needs none. */
  load(): void {
    this.keys = signingSecrets(this.config).map((secret) => ({ id: keyId(secret), secret }));
  }

  issue(userId: string, sessionId: string): string {
    const [key] = this.keys;
    if (!key) throw new Error('There is no key to sign with.');
    return this.jwt.sign(
      { sid: sessionId },
      {
        secret: key.secret,
        subject: userId,
        jwtid: randomUUID(),
        expiresIn: ACCESS_TOKEN_SECONDS,
        algorithm: 'HS256',
        issuer: ACCESS_TOKEN_RULES.issuer,
        audience: ACCESS_TOKEN_RULES.audience,
        header: { alg: 'HS256', typ: TYPE, kid: key.id },
      },
    );
  }

  /** The secret with which this token must have been signed; undefined when it is no access token of ours. */
  secretOf(token: string): string | undefined {
    const header = headerSchema.safeParse(headerOf(token));
    return header.success ? this.keys.find(({ id }) => id === header.data.kid)?.secret : undefined;
  }
}

function headerOf(token: string): unknown {
  try {
    return JSON.parse(Buffer.from(token.split('.', 1)[0] ?? '', 'base64url').toString());
  } catch {
    return undefined;
  }
}

/** Tells nothing of the secret, and is the same in every process that has it. */
function keyId(secret: string): string {
  return createHash('sha256').update('toolyard key id').update(secret).digest('hex').slice(0, 8);
}
