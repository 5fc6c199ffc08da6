import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import type { FastifyRequest } from 'fastify';
import { Strategy } from 'passport-jwt';
import type { Actor } from '../actor.js';
import { shownBy } from '../credentials.js';
import { ACCESS_TOKEN_RULES, accessClaims, AccessTokens, CLOCK_TOLERANCE_SECONDS } from './access.tokens.js';
import { Sessions } from './sessions.js';
import { VerifiedTokens } from './verified.tokens.js';

export const ACCESS_TOKEN = 'access-token';

/** Access tokens, as passport-jwt checks them: by our rules, whatever their header says. */
@Injectable()
export class AccessTokenStrategy extends PassportStrategy(Strategy, ACCESS_TOKEN) {
  constructor(
    tokens: AccessTokens,
    private readonly sessions: Sessions,
    private readonly verified: VerifiedTokens,
  ) {
    super({
      ...ACCESS_TOKEN_RULES,
      jwtFromRequest: tokenOf,
      secretOrKeyProvider: (_request: unknown, token: string, done: (fault: unknown, secret?: string) => void) => {
        const secret = tokens.secretOf(token);
        done(secret === undefined ? new Error('The token is none of ours.') : null, secret);
      },
      jsonWebTokenOptions: { clockTolerance: CLOCK_TOLERANCE_SECONDS },
      passReqToCallback: true,
    });
    tokens.load();
  }

  async validate(request: FastifyRequest, claims: unknown): Promise<Actor | false> {
    const valid = accessClaims.safeParse(claims);
    if (!valid.success || valid.data.iat > Date.now() / 1000 + CLOCK_TOLERANCE_SECONDS) return false;
    this.verified.add(tokenOf(request) ?? '', valid.data);
    return (await this.sessions.actor(valid.data.sub, valid.data.sid)) ?? false;
  }
}

function tokenOf(request: Pick<FastifyRequest, 'headers'>): string | null {
  const shown = shownBy(request);
  return shown.type === 'token' ? shown.token : null;
}
