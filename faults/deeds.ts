import type { Expected } from './history.ts';

/** Something that a tool of the plugin `hostile` does, and how its task must end. */
export interface Deed {
  readonly name: string;
  readonly expected: Expected;
  /** Every attempt that the tool tells of must have been refused. */
  readonly refused?: true;
  /** What it is aimed at. */
  readonly target?: Target;
}

/** A file of the host, a directory that the host can write to, a port on which somebody listens. */
export type Target = 'file' | 'directory' | 'port';

const COMPLETED: Expected = { status: 'completed' };

const fails = (name: string, ...codes: readonly string[]): Deed => ({ name, expected: { status: 'failed', codes } });
const ends = (name: string, expected: Expected = COMPLETED): Deed => ({ name, expected });
const isRefused = (name: string, target?: Target): Deed => ({
  name,
  expected: COMPLETED,
  refused: true,
  ...(target && { target }),
});

/** By row: what is wrong with the plugin, and what it does. */
export const DEEDS: Readonly<Record<string, { readonly fault: string; readonly deeds: readonly Deed[] }>> = {
  P1: { fault: 'a tool that loops for ever', deeds: [fails('spin', 'tool_timeout', 'tool_cpu_exceeded')] },
  P2: {
    fault: 'a tool with a catastrophic pattern',
    deeds: [fails('catastrophicPattern', 'tool_timeout', 'tool_cpu_exceeded')],
  },
  P3: { fault: 'a tool that fills its heap', deeds: [fails('heapBomb', 'tool_out_of_memory')] },
  P4: {
    fault: 'a tool that fills memory outside its heap',
    deeds: [fails('bufferBomb', 'tool_out_of_memory'), fails('slowBufferBomb', 'tool_out_of_memory')],
  },
  P5: { fault: 'a tool that exits or aborts', deeds: [fails('exit', 'tool_crashed'), fails('abort', 'tool_crashed')] },
  P6: {
    fault: 'a tool that throws when nobody listens',
    deeds: [fails('throwLater', 'tool_crashed'), fails('rejectUnseen', 'tool_crashed')],
  },
  P7: {
    fault: 'a tool that starts processes without end',
    deeds: [fails('forkBomb', 'tool_crashed'), isRefused('start')],
  },
  P8: { fault: 'a tool that opens 20 000 files', deeds: [ends('openFiles')] },
  P9: { fault: 'a tool that floods its output', deeds: [fails('floodStdout', 'output_too_large')] },
  P10: {
    fault: 'a tool that sends 200 MB as a message',
    deeds: [
      fails('hugeMessage', 'tool_crashed'),
      fails('largeData', 'tool_crashed'),
      fails('floodPipe', 'tool_crashed'),
    ],
  },
  P11: { fault: 'a tool that reads what is not its own', deeds: [isRefused('snoop', 'file')] },
  P12: {
    fault: 'a tool that writes outside its workspace',
    deeds: [
      isRefused('escape', 'directory'),
      fails('outside', 'output_invalid'),
      fails('linked', 'output_invalid', 'tool_crashed'),
    ],
  },
  P13: { fault: 'a tool that opens connections', deeds: [isRefused('call', 'port')] },
  P14: { fault: 'a tool that ends its worker', deeds: [isRefused('strike')] },
  P15: {
    fault: 'a tool that goes on after its answer',
    deeds: [ends('leaveInterval'), ends('leaveHandle'), ends('spinAfterwards'), fails('leaveProgram', 'tool_crashed')],
  },
  P16: {
    fault: 'a tool that fills its workspace',
    deeds: [fails('fillWorkspace', 'workspace_full'), fails('fillFile', 'workspace_full')],
  },
  P17: {
    fault: 'a tool with outputs that are none',
    deeds: [
      fails('million', 'tool_crashed', 'tool_out_of_memory', 'tool_cpu_exceeded'),
      fails('thousands', 'output_too_large'),
      fails('device', 'output_invalid'),
      fails('directory', 'output_invalid'),
      fails('empty', 'output_invalid'),
      fails('sparse', 'workspace_full'),
    ],
  },
  P18: { fault: 'a tool that reports 100 000 times', deeds: [ends('floodProgress')] },
};
