import { Injectable } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import { notAuthenticated } from '../credentials.js';
import { ACCESS_TOKEN } from './access-token.strategy.js';

/** Has Passport check the access token of a request; its faults become ours. */
@Injectable()
export class AccessTokenGuard extends AuthGuard(ACCESS_TOKEN) {
  override handleRequest<Found>(fault: unknown, found: Found | false | undefined, info: unknown): Found {
    if (fault) throw fault;
    if (found) return found;
    const expired = info instanceof Error && info.name === 'TokenExpiredError';
    throw notAuthenticated(`The access token ${expired ? 'has expired' : 'is not valid'}.`, 'invalid_token', info);
  }
}
