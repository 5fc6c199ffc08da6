import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type TaskEvent, taskEvents } from '../../src/tasks/task.channels.js';
import { RunReport } from '../../src/worker/run.report.js';
import { until } from '../conditions.js';
import { pendingTask } from '../tasks/task.rows.js';

describe('the report of a run', () => {
  let events: (TaskEvent & { at: number })[];
  let unsubscribe: () => void;
  let report: RunReport;

  beforeEach(() => {
    events = [];
    unsubscribe = taskEvents.subscribe((event) => events.push({ ...event, at: performance.now() }));
    report = new RunReport(pendingTask({ attempt: 2 }));
  });
  afterEach(() => {
    report.end();
    unsubscribe();
  });

  const ratios = () => events.map((event) => (event.type === 'progress' ? event.ratio : undefined));
  const lines = () => events.flatMap((event) => (event.type === 'log' ? [event.line] : []));

  it('tells the first word at once, and the latest of the next quarter of a second after it', async () => {
    for (const ratio of [0.1, 0.2, 0.3, 0.4]) report.progress(ratio, `at ${ratio}`);
    const atOnce = ratios();
    await until(() => events.length === 2, { describe: 'the latest is told' });

    expect(atOnce).toEqual([0.1]);
    expect(events[1]).toMatchObject({ ratio: 0.4, message: 'at 0.4', stage: 'running' });
    // Timers of Node may ring a millisecond early.
    expect(Number(events[1]?.at) - Number(events[0]?.at)).toBeGreaterThanOrEqual(248);
  });

  it('never tells less than before', async () => {
    report.progress(0.5, 'half');
    report.progress(0.2, 'less');
    await until(() => events.length === 2, { describe: 'the latest is told' });

    expect(events.map((event) => event.type === 'progress' && [event.ratio, event.message])).toEqual([
      [0.5, 'half'],
      [0.5, 'less'],
    ]);
    expect(report.takeUnsaved().progress).toMatchObject({ ratio: 0.5, message: 'less' });
    expect(report.takeUnsaved()).toEqual({ progress: undefined, lines: [] });
  });

  it('names the stage, and keeps how far the tool was', async () => {
    report.enter('staging');
    report.progress(0.7, 'nearly');
    report.enter('collecting');
    await until(() => events.length === 2, { describe: 'the latest is told' });

    expect(events).toMatchObject([
      { stage: 'staging', ratio: 0 },
      { stage: 'collecting', ratio: 0.7, message: 'nearly' },
    ]);
  });

  it('tells each line, up to 500, and that there were more', () => {
    for (let number = 1; number <= 700; number++) report.line('info', `line ${number}`);

    expect(lines()).toHaveLength(501);
    expect(lines().at(-2)).toMatchObject({ number: 2_500, attempt: 2, level: 'info', message: 'line 500' });
    expect(lines().at(-1)).toMatchObject({ number: 2_501, level: 'warn', message: 'More lines are left out.' });
    expect(report.takeUnsaved().lines).toEqual(lines());
  });

  it('cuts lines that are too long', () => {
    report.line('error', 'x'.repeat(2_000));

    expect(lines()[0]?.message).toBe(`${'x'.repeat(1_000)}…`);
  });

  it('says nothing more when the run is over', async () => {
    report.progress(0.1, null);
    report.progress(0.2, null);
    report.end();
    const other = new RunReport(pendingTask());
    other.progress(0.3, null);
    other.progress(0.4, null);

    await until(() => ratios().includes(0.4), { describe: 'another run would have told by now' });

    expect(ratios()).toEqual([0.1, 0.3, 0.4]);
  });
});
