import { measureReload } from './promises.dev.ts';
import { measureEnds } from './promises.ends.ts';
import { measureNews } from './promises.news.ts';
import { measureOutages } from './promises.outages.ts';
import { Promises } from './promises.ts';
import type { Stage } from './stage.ts';

/** What is promised in milliseconds while things break, end or change: DESIGN §7, and the page of an author. */
export async function promisesBench({ home }: Stage): Promise<void> {
  const promises = new Promises();
  try {
    await measureOutages(promises);
    await measureEnds(promises);
    await measureNews(promises);
    await measureReload(promises, home);
  } finally {
    // Also what was measured before something broke.
    console.log('\npromises: what is promised in time');
    console.log(promises.table());
  }
}
