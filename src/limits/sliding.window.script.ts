import { hash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { STEPS } from './sliding.window.js';

/**
 * SlidingWindow, on a hash that has a count for each step. Redis runs a script without letting anybody in between.
 * ARGV: limit, milliseconds of a step, now in milliseconds or empty for the clock of Redis, which all processes share.
 */
const SCRIPT = `
local limit, step_ms, now = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
local newest = math.floor(now / step_ms)
local counts = {}
local kept = redis.call('HGETALL', KEYS[1])
for i = 1, #kept, 2 do
  counts[tonumber(kept[i])] = tonumber(kept[i + 1])
  newest = math.max(newest, tonumber(kept[i]))
end
local total = 0
for step, count in pairs(counts) do
  if step < newest - ${STEPS} then redis.call('HDEL', KEYS[1], string.format('%d', step)) else total = total + count end
end
if total < limit then
  redis.call('HINCRBY', KEYS[1], string.format('%d', newest), 1)
  redis.call('PEXPIRE', KEYS[1], math.ceil(step_ms * ${STEPS + 1}))
  return { 1, limit - total - 1, 0 }
end
local excess = total - limit + 1
local step = newest - ${STEPS}
while step < newest do
  excess = excess - (counts[step] or 0)
  if excess <= 0 then break end
  step = step + 1
end
return { 0, 0, math.ceil((step + ${STEPS + 1}) * step_ms - now) }`;

const DIGEST = hash('sha1', SCRIPT);

/** Runs the script, which Redis knows by its digest from the second time on. Answers what it returns. */
export async function runScript(redis: Redis, key: string, values: readonly (string | number)[]): Promise<unknown> {
  try {
    return await redis.evalsha(DIGEST, 1, key, ...values);
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
    return redis.eval(SCRIPT, 1, key, ...values);
  }
}
