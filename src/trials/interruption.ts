const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Does work that fails when this process is told to end, so that whoever began it can undo it. */
export async function interruptible<Found>(work: () => Promise<Found>): Promise<Found> {
  const interrupted = Promise.withResolvers<never>();
  const stop = () => interrupted.reject(new Error('Interrupted.'));
  for (const signal of SIGNALS) process.once(signal, stop);
  try {
    return await Promise.race([work(), interrupted.promise]);
  } finally {
    for (const signal of SIGNALS) process.off(signal, stop);
  }
}
