/**
 * Does something with each item, so many at a time, and answers with the results in the order of the items. After the
 * first failure nothing more is begun; it rejects when all that was begun has ended.
 */
export async function inParallel<Item, Result>(
  items: readonly Item[],
  lanes: number,
  work: (item: Item, index: number) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const waiting = items.entries();
  let failed = false;
  const lane = async (): Promise<void> => {
    for (const [index, item] of waiting) {
      if (failed) return;
      results[index] = await work(item, index).catch((error: unknown) => {
        failed = true;
        throw error;
      });
    }
  };
  const endings = await Promise.allSettled(Array.from({ length: lanes }, lane));
  const fault = endings.find((ending) => ending.status === 'rejected');
  if (fault) throw fault.reason;
  return results;
}
