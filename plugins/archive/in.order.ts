/** Works on several items at a time, and gives what comes of them in their order. Never holds more than `width` of them. */
export async function* inOrder<Item, Made>(
  items: Iterable<Item> | AsyncIterable<Item>,
  width: number,
  work: (item: Item) => Promise<Made>,
): AsyncGenerator<Made> {
  const running: Promise<Made>[] = [];
  for await (const item of items) {
    const made = work(item);
    // It is waited for later; one before it may fail first.
    made.catch(() => {});
    running.push(made);
    if (running.length < width) continue;
    const [first] = running.splice(0, 1);
    if (first) yield await first;
  }
  for (const made of running) yield await made;
}
