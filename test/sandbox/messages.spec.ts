import { describe, expect, it } from '@jest/globals';
import { readChildMessage } from '../../src/sandbox/messages.js';

const usage = { cpuMs: 1, maxRssBytes: 1 };

describe('readChildMessage', () => {
  it.each([
    null,
    7,
    [],
    {},
    { type: 'run', run: 0 },
    { type: 'progress', ratio: 0.5, message: null },
    { type: 'progress', run: 0, ratio: 2, message: null },
    { type: 'progress', run: 0, ratio: null, message: null },
    { type: 'progress', run: 0, ratio: 0.5, message: {} },
    { type: 'log', run: 0, level: 'fatal', message: '' },
    { type: 'log', run: 0, level: 'info', message: 7 },
    { type: 'done', run: 0, usage },
    { type: 'done', run: 0, outputs: [], usage: { cpuMs: -1, maxRssBytes: 1 } },
    { type: 'done', run: 0, outputs: [null], usage },
    { type: 'done', run: 0, outputs: [{ path: 'a', name: 7 }], usage },
    { type: 'done', run: 0, outputs: [{ path: 'a'.repeat(10_000) }], usage },
    { type: 'tool_error', run: 0, code: 7, message: '', usage },
    { type: 'crashed', run: 0 },
  ])('finds no meaning in %j', (value) => {
    expect(readChildMessage(value)).toBeUndefined();
  });

  it('leaves out what a message has besides', () => {
    const message = { type: 'done', run: 3, outputs: [], data: { a: 1 }, usage, tidy: true };

    expect(readChildMessage({ ...message, more: 'more' })).toEqual(message);
  });

  it('cuts long texts, and takes out what no database keeps', () => {
    const message = readChildMessage({
      type: 'tool_error',
      run: 0,
      code: 'bad',
      message: `\0\uD800${'x'.repeat(600)}`,
      usage,
    });

    expect(message).toMatchObject({ message: `\uFFFD${'x'.repeat(498)}…` });
  });

  it('gives a code that is none a general one', () => {
    expect(readChildMessage({ type: 'tool_error', run: 0, code: '<b>', message: '', usage })).toMatchObject({
      code: 'tool_error',
    });
  });
});
