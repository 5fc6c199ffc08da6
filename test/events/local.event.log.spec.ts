import { LocalEventLog } from '../../src/events/local.event.log.js';
import { describeEventLog } from '../contracts/event-log.contract.js';

describeEventLog('LocalEventLog', async () => {
  const log = new LocalEventLog();
  return { here: log, there: log, dispose: () => log.close() };
});
