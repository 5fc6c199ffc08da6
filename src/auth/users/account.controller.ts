import { Body, Controller, Get, Patch, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Documented } from '../../http/documented.js';
import { Budget } from '../../limits/budget.js';
import { Needs, Public } from '../access.decorators.js';
import { type Actor, CurrentActor } from '../actor.js';
import { CurrentVisit, type Visit } from '../visit.js';
import { Registration } from './registration.js';
import {
  emailSchema,
  nameSchema,
  passwordSchema,
  type UserDocument,
  userDocument,
  userSchema,
} from './user.document.js';
import { UsersService } from './users.service.js';

const newcomer = z.strictObject({
  email: emailSchema,
  password: passwordSchema,
  name: nameSchema.nullable().default(null),
});
const registration = newcomer
  .extend({ invitation: z.string().max(100).optional().describe('The token of an invitation.') })
  .meta({ id: 'NewAccount' });
const setup = newcomer
  .extend({ token: z.string().max(100).describe('From the link that was printed at the start.') })
  .meta({ id: 'Setup' });
const profileChange = z.strictObject({ name: nameSchema.nullable() }).meta({ id: 'ProfileChange' });

@ApiTags('auth')
@Controller('auth')
export class AccountController {
  constructor(
    private readonly registration: Registration,
    private readonly users: UsersService,
  ) {}

  @Post('setup')
  @Public()
  @Budget('login')
  @Documented({
    summary: 'Make the first admin',
    answers: { 201: { description: 'The admin, who can log in now.', schema: userSchema } },
    problems: ['invalid_request', 'link_not_valid', 'email_taken', 'password_not_accepted', 'rate_limited'],
  })
  async setUp(
    @Body({ schema: setup }) { token, ...newcomer }: z.output<typeof setup>,
    @CurrentVisit() visit: Visit,
  ): Promise<UserDocument> {
    return userDocument(await this.registration.setUp(token, newcomer, visit));
  }

  @Post('register')
  @Public()
  @Budget('login')
  @Documented({
    summary: 'Make an account for yourself',
    answers: { 201: { description: 'The user, who can log in now.', schema: userSchema } },
    problems: [
      'invalid_request',
      'registration_closed',
      'link_not_valid',
      'email_taken',
      'password_not_accepted',
      'rate_limited',
    ],
  })
  async register(
    @Body({ schema: registration }) { invitation, ...newcomer }: z.output<typeof registration>,
    @CurrentVisit() visit: Visit,
  ): Promise<UserDocument> {
    return userDocument(await this.registration.register(newcomer, invitation, visit));
  }

  @Get('profile')
  @Needs('account:manage')
  @Documented({
    summary: 'Describe yourself',
    answers: { 200: { description: 'You.', schema: userSchema } },
  })
  async profile(@CurrentActor() { id }: Actor): Promise<UserDocument> {
    return userDocument(await this.users.find(id));
  }

  @Patch('profile')
  @Needs('account:manage')
  @Documented({
    summary: 'Change your name',
    answers: { 200: { description: 'You.', schema: userSchema } },
    problems: ['invalid_request'],
  })
  async rename(
    @CurrentActor() { id }: Actor,
    @Body({ schema: profileChange }) { name }: z.output<typeof profileChange>,
  ): Promise<UserDocument> {
    return userDocument(await this.users.rename(id, name));
  }
}
