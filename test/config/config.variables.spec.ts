import { describe, expect, it } from '@jest/globals';
import { variablesFor } from '../../src/config/config.variables.js';

describe('variablesFor', () => {
  it('gives those that are asked for and set', () => {
    const env = { ONE: '1', EMPTY: '', OTHER: '2' };

    expect(variablesFor(['ONE', 'EMPTY', 'MISSING'], env)).toEqual({ ONE: '1', EMPTY: '' });
  });

  it.each(['DATABASE_URL', 'DATABASE_URL_FILE', 'DATA_DIR', 'NODE_OPTIONS', 'LD_PRELOAD', 'DYLD_INSERT_LIBRARIES'])(
    'never gives %s',
    (name) => {
      expect(variablesFor([name], { [name]: 'value' })).toEqual({});
    },
  );
});
