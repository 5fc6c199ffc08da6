import { LocalEvents } from '../../src/events/local.events.js';
import { describeEvents } from '../contracts/events.contract.js';

describeEvents('LocalEvents', async () => {
  const events = new LocalEvents();
  return { here: events, there: events, dispose: () => events.close() };
});
