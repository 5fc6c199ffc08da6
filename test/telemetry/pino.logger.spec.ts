import { Writable } from 'node:stream';
import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { loadConfig } from '../../src/config/config.load.js';
import { createLogger, PinoLogger } from '../../src/telemetry/pino.logger.js';
import { onBusyMachine } from '../time.limits.js';

let written: string;
const sink = new Writable({
  write(chunk, _encoding, done) {
    written += String(chunk);
    done();
  },
});
const lines = (): Record<string, unknown>[] =>
  written
    .split('\n')
    .filter((line) => line !== '')
    .map((line): Record<string, unknown> => JSON.parse(line));

/** What Nest's loggers are given from now on goes to `written`. */
function listen(LOG_LEVEL = 'trace'): void {
  Logger.overrideLogger(new PinoLogger(createLogger(loadConfig({ LOG_LEVEL }), sink)));
}

beforeEach(() => {
  written = '';
});

describe('createLogger', () => {
  it('writes one JSON object a line, with service, role, level in words and time', () => {
    createLogger(loadConfig({}), sink).info({ task_id: '1' }, 'claimed');

    expect(lines()).toEqual([
      {
        level: 'info',
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
        service: 'toolyard',
        role: 'all',
        task_id: '1',
        msg: 'claimed',
      },
    ]);
  });

  it('keeps what is less important than LOG_LEVEL to itself', () => {
    const logger = createLogger(loadConfig({ LOG_LEVEL: 'warn' }), sink);

    logger.info('chatter');
    logger.warn('trouble');

    expect(lines()).toEqual([expect.objectContaining({ level: 'warn', msg: 'trouble' })]);
  });

  it.each(['a\r\n{"level":"fatal"}', 'a\nb', '\u001b[2J\u001b[31mred', 'a\0b', '\u2028'])(
    'writes %j in a name as one line without control characters',
    (name) => {
      const logger = createLogger(loadConfig({}), sink);

      logger.info({ name, inside: { [name]: [name] }, err: new Error(name) }, name);

      expect(written.trimEnd()).not.toMatch(/\p{Cc}/u);
      expect(lines()).toEqual([expect.objectContaining({ level: 'info', name, msg: name })]);
    },
  );

  it.each(['authorization', 'Cookie', 'set-cookie', 'x-api-key', 'password', 'secret', 'token'])(
    'hides %s, wherever it stands',
    (key) => {
      const logger = createLogger(loadConfig({}), sink);

      logger.info({
        [key]: 'hunter2',
        headers: { [key]: 'hunter2' },
        requests: [{ a: { b: { [key]: ['hunter2'] } } }],
      });

      expect(written).not.toContain('hunter2');
      expect(lines()).toEqual([expect.objectContaining({ [key]: '[redacted]', headers: { [key]: '[redacted]' } })]);
    },
  );

  it.each([
    ['Bearer abcdefghij.klm-nop_qrs~tuv+/=', 'abcdefghij'],
    ['authorization: basic aHVudGVyMjpodW50ZXIy', 'aHVudGVyMj'],
    [`key ty_live_${'a1B2'.repeat(9)} was refused`, 'a1B2'],
    ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl is expired', 'eyJ'],
    ['postgresql://toolyard:hunter2@db/toolyard', 'hunter2'],
    ['redis://:hunter2@cache:6379', 'hunter2'],
  ])('hides a secret inside a text: %s', (text, secret) => {
    const logger = createLogger(loadConfig({}), sink);

    logger.info({ text, inside: [{ text }], err: new Error(text), msg: text });
    new PinoLogger(logger).warn(text, 'Context');
    new PinoLogger(logger).error(new Error(text));

    expect(written).not.toContain(secret);
    expect(lines()).toHaveLength(3);
  });

  it.each<[string, object]>([
    ['far inside', { a: { b: { c: { d: { e: { f: { password: 'hunter2' } } } } } } }],
    ['far inside a list', { a: [[[[[[[{ token: 'hunter2' }]]]]]]] }],
    ['in a name that is one word', { accessToken: 'hunter2', refreshToken: 'hunter2', apiKey: 'hunter2' }],
    ['in a URL that is no text', { at: new URL('postgresql://toolyard:hunter2@db/toolyard') }],
    ['on an error under another name', { cause: Object.assign(new Error('no'), { headers: { cookie: 'hunter2' } }) }],
    ['in the words of an error in a list', { errors: [new Error('redis://:hunter2@cache')] }],
    ['in what an object says of itself', { session: { toJSON: () => ({ token: 'hunter2' }) } }],
  ])('hides a secret %s', (_, fields) => {
    createLogger(loadConfig({}), sink).info(fields);

    expect(written).not.toContain('hunter2');
    expect(lines()).toHaveLength(1);
  });

  it.each(['eyJ-'.repeat(50_000), 'bearer '.repeat(30_000), '://a:'.repeat(40_000), `://${'a'.repeat(200_000)}`])(
    'is not held up by a text that nearly looks like one: %.20s…',
    (text) => {
      const logger = createLogger(loadConfig({}), sink);
      const start = performance.now();

      logger.info({ text });

      expect(performance.now() - start).toBeLessThan(onBusyMachine(500));
    },
  );

  it('writes other values as they are, and survives a circle', () => {
    const circle: Record<string, unknown> = { at: new Date(0), list: [1, null, 'x'], nothing: undefined };
    circle['self'] = circle;

    createLogger(loadConfig({}), sink).info({ circle });

    expect(lines()).toEqual([
      expect.objectContaining({
        circle: expect.objectContaining({ at: '1970-01-01T00:00:00.000Z', list: [1, null, 'x'] }),
      }),
    ]);
  });

  it('writes of an error its type, message, code and stack, with its causes, and nothing else that hangs on it', () => {
    const cause = new TypeError('wire cut');
    const error = Object.assign(new Error('not stored', { cause }), { code: 'EIO', config: { key: 'hunter2' } });

    createLogger(loadConfig({}), sink).error({ err: error }, 'failed');

    const [line] = lines();
    expect(line?.['err']).toEqual({
      type: 'Error',
      code: 'EIO',
      message: 'not stored: wire cut',
      stack: expect.stringMatching(/pino\.logger\.spec[^]*caused by: TypeError: wire cut/),
    });
    expect(written).not.toContain('hunter2');
  });
});

describe("Nest's Logger on top of PinoLogger", () => {
  const usual = new Logger('Runner');
  afterEach(() => {
    Logger.overrideLogger(false);
  });

  it('writes a sentence with its context', () => {
    listen();

    usual.log('started');

    expect(lines()).toEqual([expect.objectContaining({ level: 'info', context: 'Runner', msg: 'started' })]);
  });

  it('writes an object as fields', () => {
    listen();

    usual.log({ task_id: '1', seconds: 2, msg: 'completed' });

    expect(lines()).toEqual([
      expect.objectContaining({ context: 'Runner', task_id: '1', seconds: 2, msg: 'completed' }),
    ]);
  });

  it('has a level for each of its methods', () => {
    listen();

    usual.verbose('a');
    usual.debug('b');
    usual.warn('c');
    usual.error('d');
    usual.fatal('e');

    expect(lines().map(({ level }) => level)).toEqual(['trace', 'debug', 'warn', 'error', 'fatal']);
    expect(lines().map(({ context }) => context)).toEqual(Array.from({ length: 5 }, () => 'Runner'));
  });

  it('keeps the stack of an error, however it is passed', () => {
    const error = new Error('broken');
    listen();

    usual.error(error);
    usual.error('while running', error);
    usual.error('while running', error.stack);
    usual.error({ task_id: '1', err: error, msg: 'while running' });
    Logger.error('while running', error.stack);

    const errors = lines().map(({ err }) => err);
    expect(errors).toHaveLength(5);
    for (const err of errors) expect(err).toMatchObject({ stack: error.stack });
    expect(lines().map(({ msg }) => msg)).toEqual(['broken', ...Array.from({ length: 4 }, () => 'while running')]);
    expect(lines().map(({ context }) => context)).toEqual(['Runner', 'Runner', 'Runner', 'Runner', undefined]);
  });

  it('keeps what else it is given', () => {
    listen();

    usual.warn('odd', { left: 1 }, 'more');

    expect(lines()).toEqual([
      expect.objectContaining({ context: 'Runner', msg: 'odd', params: [{ left: 1 }, 'more'] }),
    ]);
  });

  it('tells of modules and routes only to those who ask for detail', () => {
    listen('info');

    new Logger('RouterExplorer').log('Mapped {/health, GET} route');
    new Logger('RouterExplorer').warn('two routes with one path');

    expect(lines().map(({ msg }) => msg)).toEqual(['two routes with one path']);
  });

  it('writes nothing when told to be silent', () => {
    listen('silent');

    usual.fatal('nobody hears this');

    expect(written).toBe('');
  });
});
