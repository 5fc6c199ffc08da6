import { setTimeout as sleep } from 'node:timers/promises';
import { judgeAnswers } from './checker/answers.ts';
import { judgeEndings } from './checker/endings.ts';
import { judgeFiles } from './checker/files.ts';
import { type Finding, finding } from './checker/finding.ts';
import { judgeRecovery } from './checker/recovery.ts';
import { judgeTasks } from './checker/tasks.ts';
import { leftInWorkspaces, leftProcesses, storedFiles } from './remains.ts';
import type { Row } from './row.ts';
import { Scene, type Size } from './scene.ts';
import type { StackName } from './ground.ts';
import type { Random } from './work.ts';

/** What is begun and not heard of is given up after 60 s, and a sweep comes every 5 s. */
const SWEPT_MS = 75_000;
const LOOK_AGAIN_MS = 1_000;

export interface Report {
  readonly row: Row;
  readonly stack: StackName;
  readonly tasks: number;
  readonly findings: readonly Finding[];
  readonly recoverySeconds: number | undefined;
  /** Milliseconds of the slowest answer, where that is promised. */
  readonly slowestMs: number | undefined;
}

export interface Casting {
  readonly stack: StackName;
  readonly size: Size;
  readonly random: Random;
}

/** Plays one row and looks at what is left when the dust has settled. */
export async function examine(row: Row, of: Casting): Promise<Report> {
  await using scene = await Scene.open(`${row.id}-${of.stack}`, of, row.scene ?? {});
  const performed = await row.perform(scene);
  const { history } = scene;
  const promised = performed.answersInTime ? [...history.answers] : [];
  await scene.settle();
  const findings = [
    ...judgeAnswers(promised),
    ...judgeRecovery(performed.recovery),
    ...(await whatRemains(scene)),
    ...(await whatStoppingLeaves(scene)),
    ...judgeEndings(scene.platform.logs()),
  ];
  return {
    row,
    stack: of.stack,
    tasks: history.acknowledged.length,
    findings,
    recoverySeconds: performed.recovery?.seconds,
    slowestMs: performed.answersInTime && Math.max(0, ...promised.map(({ ms }) => ms)),
  };
}

/** Looks until nothing is wrong, or until every sweep that could mend it has come. */
async function whatRemains(scene: Scene): Promise<Finding[]> {
  const deadline = performance.now() + SWEPT_MS;
  for (;;) {
    const findings = await look(scene);
    const canBeSwept = findings.every(({ kind }) => ['file', 'process', 'ring'].includes(kind));
    if (findings.length === 0 || !canBeSwept || performance.now() > deadline) return findings;
    await sleep(LOOK_AGAIN_MS);
  }
}

async function look({ truth, platform, history }: Scene): Promise<Finding[]> {
  const [tasks, files, stored, rings] = [
    await truth.tasks(),
    await truth.files(),
    await storedFiles(platform),
    await truth.rings(),
  ];
  return [
    ...judgeTasks(history, tasks),
    ...judgeFiles({ files, tasks, stored, sent: history.sent }),
    ...(await leftInWorkspaces(platform)),
    ...leftProcesses(platform),
    ...(rings > 0 ? [finding('ring', `${rings} rings are in the queue, and no task waits.`)] : []),
  ];
}

/** SIGTERM must end everything, and nothing may stay behind. */
async function whatStoppingLeaves({ platform }: Scene): Promise<Finding[]> {
  const running = platform.processes.filter((process) => process.running).toReversed();
  const findings = [];
  for (const process of running) {
    const { code, signal } = await process.stop();
    if (code !== 0) findings.push(finding('wrong', `The process (${process.role}) ended with ${code ?? signal}.`));
  }
  return [...findings, ...(await leftInWorkspaces(platform)), ...leftProcesses(platform)];
}
