import Dawdle from './dawdle.tool.ts';

/** One at a time. */
export default class LoneDawdle extends Dawdle {
  override readonly name = 'lone-dawdle';
  override readonly limits = { maxInputs: 1, concurrency: 1 };
}
