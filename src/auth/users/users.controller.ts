import { Body, Controller, Get, HttpCode, Param, Patch, Post, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Documented } from '../../http/documented.js';
import { linkHeader, page, pageQuery, pageSchema } from '../../http/page.js';
import { Needs } from '../access.decorators.js';
import { type Actor, CurrentActor } from '../actor.js';
import { Passwords } from '../passwords/passwords.js';
import { ROLES } from '../role.js';
import { CurrentVisit, type Visit } from '../visit.js';
import { Accounts } from './accounts.js';
import { type LinkDocument, linkDocument, linkSchema } from './link.document.js';
import { Registration } from './registration.js';
import { emailSchema, nameSchema, type UserDocument, userDocument, userSchema } from './user.document.js';
import { UsersService } from './users.service.js';

const id = { schema: z.uuid() };
const listQuery = pageQuery.extend({ role: z.enum(ROLES).optional(), disabled: z.stringbool().optional() });
const userPage = pageSchema(userSchema).meta({ id: 'UserPage' });
const newUser = z
  .strictObject({ email: emailSchema, name: nameSchema.nullable().default(null), role: z.enum(ROLES) })
  .meta({ id: 'NewUser' });
const createdUser = userSchema.extend({ password_link: linkSchema }).meta({ id: 'CreatedUser' });
const userChange = z
  .strictObject({
    name: nameSchema.nullable().optional(),
    role: z.enum(ROLES).optional(),
    disabled: z.boolean().optional().describe('A disabled user cannot log in, and every session and key is useless.'),
  })
  .meta({ id: 'UserChange' });
const invitation = z.strictObject({ role: z.enum(ROLES).default('user') }).meta({ id: 'NewInvitation' });

@ApiTags('users')
@Controller('users')
@Needs('users:manage')
export class UsersController {
  constructor(
    private readonly users: UsersService,
    private readonly accounts: Accounts,
    private readonly passwords: Passwords,
    private readonly registration: Registration,
  ) {}

  @Get()
  @Documented({
    summary: 'List users, newest first',
    answers: { 200: { description: 'A page.', schema: userPage } },
    problems: ['invalid_request', 'invalid_cursor'],
  })
  async list(
    @Query({ schema: listQuery }) { limit, cursor, ...filter }: z.output<typeof listQuery>,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<z.output<typeof userPage>> {
    const found = page(await this.users.list(filter, limit + 1, cursor), limit);
    reply.headers(linkHeader(request.url, found.page.next_cursor));
    return { data: found.data.map(userDocument), page: found.page };
  }

  @Post()
  @Documented({
    summary: 'Make a user',
    description: 'Who is made chooses a password with the link.',
    answers: { 201: { description: 'The user, and the link.', schema: createdUser } },
    problems: ['invalid_request', 'email_taken'],
  })
  async create(
    @CurrentActor() actor: Actor,
    @Body({ schema: newUser }) account: z.output<typeof newUser>,
    @CurrentVisit() visit: Visit,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<z.output<typeof createdUser>> {
    const user = await this.accounts.create({ ...account, password: null }, visit, actor.id);
    const link = await this.passwords.link(user, actor.id, visit);
    reply.headers({ location: `/api/v1/users/${user.id}`, 'cache-control': 'no-store' });
    return { ...userDocument(user), password_link: linkDocument(link) };
  }

  @Post('invitations')
  @Documented({
    summary: 'Invite somebody to register',
    description: 'Where registration is off, make the user instead.',
    answers: { 201: { description: 'The link.', schema: linkSchema } },
    problems: ['invalid_request', 'registration_closed'],
  })
  async invite(
    @CurrentActor() actor: Actor,
    @Body({ schema: invitation }) { role }: z.output<typeof invitation>,
    @CurrentVisit() visit: Visit,
  ): Promise<LinkDocument> {
    return linkDocument(await this.registration.invite(role, actor.id, visit));
  }

  @Get(':id')
  @Documented({
    summary: 'Describe a user',
    answers: { 200: { description: 'The user.', schema: userSchema } },
    problems: ['user_not_found'],
  })
  async find(@Param('id', id) userId: string): Promise<UserDocument> {
    return userDocument(await this.users.find(userId));
  }

  @Patch(':id')
  @Documented({
    summary: 'Change a user',
    description: 'Rights that are taken away are gone after ten seconds at the latest.',
    answers: { 200: { description: 'The user.', schema: userSchema } },
    problems: ['invalid_request', 'user_not_found', 'last_admin'],
  })
  async change(
    @CurrentActor() actor: Actor,
    @Param('id', id) userId: string,
    @Body({ schema: userChange }) change: z.output<typeof userChange>,
    @CurrentVisit() visit: Visit,
  ): Promise<UserDocument> {
    return userDocument(await this.users.change(actor, userId, change, visit));
  }

  @Post(':id/password-link')
  @HttpCode(201)
  @Documented({
    summary: 'Make a link with which the user chooses a new password',
    answers: { 201: { description: 'The link.', schema: linkSchema } },
    problems: ['user_not_found'],
  })
  async passwordLink(
    @CurrentActor() actor: Actor,
    @Param('id', id) userId: string,
    @CurrentVisit() visit: Visit,
  ): Promise<LinkDocument> {
    return linkDocument(await this.passwords.link(await this.users.find(userId), actor.id, visit));
  }
}
