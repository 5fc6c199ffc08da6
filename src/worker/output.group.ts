import type { FileGroup } from '../files/file.group.js';
import type { Task } from '../tasks/task.entity.js';

/** The outputs of one attempt, which are nobody's until the row of the task names them. */
export function outputGroup({ id, attempt, startedAt, createdAt }: Task): FileGroup {
  return { name: `${id}:${attempt}`, since: startedAt ?? createdAt };
}
