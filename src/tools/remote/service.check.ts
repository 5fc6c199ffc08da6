import { text } from 'node:stream/consumers';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { variablesFor } from '../../config/config.variables.js';
import { Problem } from '../../errors/problem.js';
import { Outbound } from '../../outbound/outbound.js';
import { declaredHosts } from '../../plugins/plugin.service.js';
import type { ToolService } from '../../sandbox/tool.description.js';
import type { Tool } from '../tool.js';

const ANSWER_MS = 5_000;
const MOST_BYTES = 100_000;

const answerSchema = z.object({
  protocol: z.literal(1),
  tools: z.array(z.object({ name: z.string() })).max(1_000),
});

/** What a service says of itself: the tools that it has, or why it cannot be used, as a part of a sentence. */
export type Checked = { readonly tools: ReadonlySet<string> } | { readonly reason: string };

/** Asks services whether they are there, and what they have. */
@Injectable()
export class ServiceCheck {
  constructor(private readonly outbound: Outbound) {}

  /** `GET /describe`. Never rejects. */
  async ask({ url, secret }: ToolService, { permissions }: Tool['plugin']): Promise<Checked> {
    const value = secret === undefined ? undefined : variablesFor([secret])[secret];
    try {
      const { status, body } = await this.outbound.send({
        method: 'GET',
        url: url.replace(/\/*$/, '/describe'),
        headers: { 'user-agent': 'Toolyard', ...(value && { authorization: `Bearer ${value}` }) },
        headMs: ANSWER_MS,
        limits: { maxBytes: MOST_BYTES, idleMs: ANSWER_MS, totalMs: ANSWER_MS },
        allowed: declaredHosts(permissions),
      });
      if (status !== 200) {
        body.destroy();
        return { reason: `answers with status ${status}` };
      }
      const answer = answerSchema.safeParse(JSON.parse(await text(body)));
      if (!answer.success) return { reason: 'does not speak protocol 1' };
      return { tools: new Set(answer.data.tools.map(({ name }) => name)) };
    } catch (error) {
      return { reason: error instanceof Problem ? 'does not answer' : 'does not speak protocol 1' };
    }
  }
}
