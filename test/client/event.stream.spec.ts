import { describe, expect, it } from '@jest/globals';
import { eventsOf } from '../../src/client/event.stream.js';

const TEXT =
  ': hello\n\nid: 1\nevent: status\ndata: {"a":1}\n\n:\n\nid:2\r\ndata: grün\r\ndata:zwei\r\n\r\ndata: cut off';

const heard = async (chunks: readonly Uint8Array[]) => {
  let life = 0;
  const events = [];
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
  for await (const event of eventsOf(body, () => void (life += 1))) events.push(event);
  return { events, life };
};

describe('a stream of events', () => {
  const bytes = new TextEncoder().encode(TEXT);

  it.each([1, 2, 3, 5, 7, 1_000])('is read in chunks of %i bytes', async (size) => {
    const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
      bytes.slice(index * size, (index + 1) * size),
    );

    const { events, life } = await heard(chunks);

    expect(events).toEqual([
      { id: '1', event: 'status', data: '{"a":1}' },
      { id: '2', event: 'message', data: 'grün\nzwei' },
    ]);
    expect(life).toBe(chunks.length);
  });
});
