/** One event of `text/event-stream`. */
export interface StreamEvent {
  readonly id: string | undefined;
  readonly event: string;
  readonly data: string;
}

/** The events of a body, as they come (WHATWG, HTML, 9.2.6). Comments are passed over, but tell `onLife`. */
export async function* eventsOf(body: ReadableStream<Uint8Array>, onLife: () => void): AsyncGenerator<StreamEvent> {
  const decoder = new TextDecoder();
  const reader = body.getReader();
  let rest = '';
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      onLife();
      const blocks = (rest + decoder.decode(value, { stream: true })).replaceAll('\r\n', '\n').split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) yield* eventIn(block);
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

function* eventIn(block: string): Generator<StreamEvent> {
  const fields = block.split('\n').map(fieldIn);
  const last = (name: string) => fields.findLast((field) => field.name === name)?.value;
  const data = fields.filter(({ name }) => name === 'data').map(({ value }) => value);
  if (data.length > 0) yield { id: last('id'), event: last('event') ?? 'message', data: data.join('\n') };
}

function fieldIn(line: string): { name: string; value: string } {
  const colon = line.indexOf(':');
  if (colon < 0) return { name: line, value: '' };
  return { name: line.slice(0, colon), value: line.slice(colon + 1).replace(/^ /, '') };
}
