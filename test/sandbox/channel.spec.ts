import { once } from 'node:events';
import { createServer, connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Channel, MAX_MESSAGE_BYTES } from '../../src/sandbox/channel.js';
import { until } from '../conditions.ts';

let near: Socket;
let far: Socket;
let heard: unknown[];
let faults: string[];
let channel: Channel;

beforeEach(async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  far = connect(typeof address === 'object' && address ? address.port : 0, '127.0.0.1');
  [near] = await once(server, 'connection');
  far.setNoDelay(true);
  server.close();
  heard = [];
  faults = [];
  channel = new Channel(
    near,
    (value) => heard.push(value),
    ({ message }) => faults.push(message),
  );
});

afterEach(() => {
  near.destroy();
  far.destroy();
});

const heardSome = (count: number) => until(() => heard.length === count, { describe: `${count} messages are heard` });
const failed = () => until(() => faults.length > 0, { describe: 'the channel has failed' });

describe('a channel', () => {
  it('hears several messages that come together', async () => {
    far.write('{"a":1}\n{"b":"é"}\n7\n');

    await heardSome(3);
    expect(heard).toEqual([{ a: 1 }, { b: 'é' }, 7]);
  });

  it('hears a message that comes in pieces, even when a letter is cut', async () => {
    const bytes = Buffer.from('{"a":"é€"}\n');
    for (const byte of bytes) {
      far.write(Buffer.of(byte));
      await new Promise((resolve) => setImmediate(resolve));
    }

    await heardSome(1);
    expect(heard).toEqual([{ a: 'é€' }]);
  });

  it('hears a message of the largest size', async () => {
    far.write(`"${'x'.repeat(MAX_MESSAGE_BYTES - 2)}"\n`);

    await heardSome(1);
    expect(faults).toEqual([]);
  });

  it('fails once when a message is too large, before its end has come', async () => {
    far.on('error', () => {});
    far.write('x'.repeat(MAX_MESSAGE_BYTES + 1));

    await failed();
    expect(faults).toEqual(['A message is larger than 1 MB.']);
  });

  it('hears nothing after a message that is not JSON', async () => {
    far.write('{"a":1}\nnonsense\n{"b":2}\n');

    await failed();
    expect(heard).toEqual([{ a: 1 }]);
  });

  it('does not send what is too large or not JSON', () => {
    const cyclic: Record<string, unknown> = {};
    cyclic['self'] = cyclic;

    expect(() => channel.send({ text: 'é'.repeat(MAX_MESSAGE_BYTES / 2) })).toThrow('A message is larger than 1 MB.');
    expect(() => channel.send(cyclic)).toThrow(TypeError);
  });
});
