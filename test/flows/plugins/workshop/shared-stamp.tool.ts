import Stamp from './stamp.tool.ts';

/** The same for everybody. */
export default class SharedStamp extends Stamp {
  override readonly name = 'shared-stamp';
  override readonly shareable = true;
}
