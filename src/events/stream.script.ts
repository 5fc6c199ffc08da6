import { MARK_SECONDS, type NewEntry } from './event.log.js';

/** The stream. Its keys are apart for each database of a Redis, as all keys are. */
export const LOG_KEY = 'toolyard:log';

const SENDER_SECONDS = 3_600;

export function markKey(mark: string): string {
  return `${LOG_KEY}:mark:${mark}`;
}

export function senderKey(sender: string): string {
  return `${LOG_KEY}:sender:${sender}`;
}

/**
 * Appends a batch of entries, each with its id, unless the same batch has come before: a sender that hears no answer sends
 * it again. A mark that is there already keeps its entry out.
 *
 * KEYS: the stream, the sender. ARGV: number of the batch, entries to keep, then five values for each entry.
 */
export const APPEND_SCRIPT = `
  local number = tonumber(ARGV[1])
  if number <= tonumber(redis.call('GET', KEYS[2]) or '0') then return 0 end
  for i = 3, #ARGV, 5 do
    if ARGV[i] == '' or redis.call('SET', '${markKey('')}' .. ARGV[i], '1', 'NX', 'EX', ${MARK_SECONDS}) then
      redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[2], '*',
        'subject', ARGV[i + 1], 'owner', ARGV[i + 2], 'type', ARGV[i + 3], 'text', ARGV[i + 4])
    end
  end
  redis.call('SET', KEYS[2], ARGV[1], 'EX', ${SENDER_SECONDS})
  return 1`;

export function entryArguments({ mark = '', subject, owner, type, text }: NewEntry): string[] {
  return [mark, subject, owner, type, text];
}

/** Undefined when somebody else has written it. */
export function fieldsOf(fields: readonly string[]): Omit<NewEntry, 'mark'> | undefined {
  const [subjectName, subject, ownerName, owner, typeName, type, textName, text] = fields;
  if (subject === undefined || owner === undefined || type === undefined || text === undefined) return undefined;
  const names = [subjectName, ownerName, typeName, textName].join();
  return names === 'subject,owner,type,text' ? { subject, owner, type, text } : undefined;
}
