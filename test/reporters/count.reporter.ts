/** Those of Jest's figures that are counted here. */
export interface Results {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  /** Files that could not be loaded, so that none of their tests is among the failed. */
  readonly numRuntimeErrorTestSuites: number;
}

/** `57 passed, 0 failed`, with `, 2 skipped` if there are any. A run that ends badly always has a failure. */
export function countLine(results: Results, exitCode: number): string {
  const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
  const skipped = results.numPendingTests + results.numTodoTests;
  const line = `${results.numPassedTests} passed, ${exitCode === 0 ? failed : Math.max(failed, 1)} failed`;
  return skipped > 0 ? `${line}, ${skipped} skipped` : line;
}

/**
 * Ends the output with the count on a line of its own. Jest writes its summary after all reporters have been told that
 * the run is complete, and the servers stop still later; so the line waits until the process exits.
 */
export default class CountReporter {
  private results: Results | undefined;

  constructor() {
    process.once('exit', (code) => {
      if (this.results) process.stdout.write(`${countLine(this.results, code)}\n`);
    });
  }

  onRunComplete(_contexts: ReadonlySet<unknown>, results: Results): void {
    this.results = results;
  }
}
