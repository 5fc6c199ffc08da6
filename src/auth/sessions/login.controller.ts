import { Body, Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiConsumes, ApiTags } from '@nestjs/swagger';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Config } from '../../config/config.js';
import { oauthErrorSchema } from '../../errors/oauth.document.js';
import { Documented } from '../../http/documented.js';
import { FORM_MEDIA_TYPE } from '../../http/url-encoded-body.js';
import { Budget } from '../../limits/budget.js';
import { Public } from '../access.decorators.js';
import { cookieOf, notAuthenticated, REFRESH_COOKIE } from '../credentials.js';
import { refuseForeignPage } from '../foreign.page.js';
import { passwordSchema } from '../users/user.document.js';
import { CurrentVisit, type Visit } from '../visit.js';
import { Logins } from './logins.js';
import { setCookies } from './session.cookies.js';
import { type TokensDocument, tokensDocument, tokensSchema } from './session.document.js';
import { type Grant, Sessions } from './sessions.js';

const refreshToken = z.string().max(100);
/** Not checked further: an address that nobody can have is one that nobody has. */
const email = z.string().trim().max(254);
const login = z
  .strictObject({
    email,
    password: passwordSchema,
    cookie: z.boolean().default(false).describe('For browsers: put the tokens into cookies that scripts cannot read.'),
  })
  .meta({ id: 'Login' });
const refresh = z
  .strictObject({ refresh_token: refreshToken.optional().describe('Without, it is taken from the cookie.') })
  .default({})
  .meta({ id: 'Refresh' });
/** RFC 6749 §4.3.2 and §6; other members, such as `client_id`, mean nothing here. */
const tokenRequest = z
  .discriminatedUnion('grant_type', [
    z.object({ grant_type: z.literal('password'), username: email, password: passwordSchema }),
    z.object({ grant_type: z.literal('refresh_token'), refresh_token: refreshToken }),
  ])
  .meta({ id: 'TokenRequest' });

@ApiTags('auth')
@Controller('auth')
@Public()
@Budget('login')
export class LoginController {
  constructor(
    private readonly logins: Logins,
    private readonly sessions: Sessions,
    private readonly config: Config,
  ) {}

  @Post('login')
  @HttpCode(200)
  @Documented({
    summary: 'Log in',
    answers: { 200: { description: 'The tokens.', schema: tokensSchema } },
    problems: ['invalid_request', 'invalid_credentials', 'origin_not_allowed', 'rate_limited'],
  })
  async login(
    @Body({ schema: login }) { email, password, cookie }: z.output<typeof login>,
    @CurrentVisit() visit: Visit,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<TokensDocument> {
    if (cookie) refuseForeignPage(request, this.config);
    return this.answer(reply, await this.logins.begin(email, password, visit), cookie);
  }

  @Post('refresh')
  @HttpCode(200)
  @Documented({
    summary: 'Get new tokens',
    description: 'Each refresh token works once. Showing a used one again ends the session.',
    answers: { 200: { description: 'The tokens.', schema: tokensSchema } },
    problems: ['invalid_request', 'invalid_credentials', 'origin_not_allowed', 'refresh_superseded', 'rate_limited'],
  })
  async refresh(
    @Body({ schema: refresh }) { refresh_token }: z.output<typeof refresh>,
    @CurrentVisit() visit: Visit,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<TokensDocument> {
    const cookie = refresh_token === undefined;
    if (cookie) refuseForeignPage(request, this.config);
    const token = refresh_token ?? cookieOf(request, REFRESH_COOKIE);
    if (token === undefined) throw notAuthenticated('There is no refresh token, neither in the body nor in a cookie.');
    return this.answer(reply, await this.sessions.refresh(token, visit), cookie);
  }

  @Post('token')
  @HttpCode(200)
  @RouteConfig({ urlEncoded: true, oauthErrors: true })
  @ApiConsumes(FORM_MEDIA_TYPE)
  @Documented({
    summary: 'Log in, or get new tokens, as OAuth 2 says it',
    description: 'For clients that know RFC 6749. Faults are told as it says, with the members of RFC 9457 beside it.',
    answers: {
      200: { description: 'The tokens.', schema: tokensSchema },
      400: { description: '`invalid_request`, `invalid_credentials`, `refresh_superseded`', schema: oauthErrorSchema },
      415: { description: '`unsupported_media_type`', schema: oauthErrorSchema },
      429: { description: '`rate_limited`', schema: oauthErrorSchema },
    },
  })
  async token(
    @Body({ schema: tokenRequest }) asked: z.output<typeof tokenRequest>,
    @CurrentVisit() visit: Visit,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<TokensDocument> {
    const grant =
      asked.grant_type === 'password'
        ? await this.logins.begin(asked.username, asked.password, visit)
        : await this.sessions.refresh(asked.refresh_token, visit);
    return this.answer(reply, grant, false);
  }

  private answer(reply: FastifyReply, grant: Grant, cookie: boolean): TokensDocument {
    if (cookie) setCookies(reply, grant, this.config.PUBLIC_URL?.startsWith('https:') ?? false);
    reply.header('cache-control', 'no-store');
    return tokensDocument(grant, cookie);
  }
}
