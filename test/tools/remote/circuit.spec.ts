import { beforeEach, describe, expect, it } from '@jest/globals';
import { Circuit } from '../../../src/tools/remote/circuit.js';

describe('the circuit to a service', () => {
  let now: number;
  let circuit: Circuit;

  beforeEach(() => {
    now = 0;
    circuit = new Circuit(() => now);
  });
  const fail = (times: number) => Array.from({ length: times }).forEach(() => circuit.ran(false));

  it('is closed at first, and after one check in vain', () => {
    expect(circuit.open).toBeUndefined();
    circuit.checked(false);
    expect(circuit.open).toBeUndefined();
  });

  it('is open from the second check in vain until the first that is not', () => {
    circuit.checked(false);
    circuit.checked(false);
    expect(circuit.open).toBe('silent');
    circuit.checked(true);
    expect(circuit.open).toBeUndefined();
  });

  it('is open for a while after three runs in vain, however well it answers checks', () => {
    fail(2);
    expect(circuit.open).toBeUndefined();
    fail(1);
    circuit.checked(true);
    expect(circuit.open).toBe('failing');
    now = 2_500;
    expect(circuit.restLeftMs).toBe(7_500);
    now = 10_000;
    expect(circuit.open).toBeUndefined();
    expect(circuit.restLeftMs).toBe(0);
  });

  it('is open twice as long after the next failure, and at most five minutes', () => {
    fail(3);
    now = 10_000;
    fail(1);
    now = 29_999;
    expect(circuit.open).toBe('failing');
    now = 30_000;
    expect(circuit.open).toBeUndefined();
    for (let times = 0; times < 20; times++) {
      fail(1);
      now += 300_000;
    }
    expect(circuit.open).toBeUndefined();
  });

  it('hears nothing of runs that end while it is open', () => {
    fail(10);
    now = 10_000;

    expect(circuit.open).toBeUndefined();
  });

  it('forgets what was after one run that went well', () => {
    fail(3);
    now = 10_000;
    circuit.ran(true);
    fail(2);

    expect(circuit.open).toBeUndefined();
  });
});
