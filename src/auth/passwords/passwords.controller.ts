import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Documented } from '../../http/documented.js';
import { Budget } from '../../limits/budget.js';
import { Needs, Public } from '../access.decorators.js';
import { type Actor, CurrentActor } from '../actor.js';
import { emailSchema, passwordSchema } from '../users/user.document.js';
import { CurrentVisit, type Visit } from '../visit.js';
import { Passwords } from './passwords.js';

const change = z
  .strictObject({ current_password: passwordSchema, new_password: passwordSchema })
  .meta({ id: 'PasswordChange' });
const request = z.strictObject({ email: emailSchema }).meta({ id: 'PasswordRequest' });
const choice = z
  .strictObject({ token: z.string().max(100).describe('From the link.'), new_password: passwordSchema })
  .meta({ id: 'PasswordChoice' });

@ApiTags('auth')
@Controller('auth')
export class PasswordsController {
  constructor(private readonly passwords: Passwords) {}

  @Post('change-password')
  @HttpCode(204)
  @Needs('account:manage')
  @Documented({
    summary: 'Change your password',
    description: 'All other sessions end. API keys stay; revoke those that you do not trust.',
    answers: { 204: { description: 'It is changed.' } },
    problems: ['invalid_request', 'wrong_password', 'password_not_accepted', 'rate_limited'],
  })
  async change(
    @CurrentActor() actor: Actor,
    @Body({ schema: change }) { current_password, new_password }: z.output<typeof change>,
    @CurrentVisit() visit: Visit,
  ): Promise<void> {
    await this.passwords.change(actor, current_password, new_password, visit);
  }

  @Post('reset-password')
  @HttpCode(202)
  @Public()
  @Budget('login')
  @Documented({
    summary: 'Have a link for a new password mailed to you',
    description: 'The answer is the same whether there is such an account or not.',
    answers: { 202: { description: 'If there is such an account, the link is on its way.' } },
    problems: ['invalid_request', 'rate_limited', 'mail_unavailable'],
  })
  async request(
    @Body({ schema: request }) { email }: z.output<typeof request>,
    @CurrentVisit() visit: Visit,
  ): Promise<void> {
    await this.passwords.request(email, visit);
  }

  @Post('reset-password/confirm')
  @HttpCode(204)
  @Public()
  @Budget('login')
  @Documented({
    summary: 'Choose a password with a link',
    description: 'All sessions end.',
    answers: { 204: { description: 'The password holds: log in.' } },
    problems: ['invalid_request', 'link_not_valid', 'password_not_accepted', 'rate_limited'],
  })
  async choose(
    @Body({ schema: choice }) { token, new_password }: z.output<typeof choice>,
    @CurrentVisit() visit: Visit,
  ): Promise<void> {
    await this.passwords.choose(token, new_password, visit);
  }
}
