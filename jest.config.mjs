import { availableParallelism } from 'node:os';

/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testRegex: '\\.spec\\.ts$',
  extensionsToTreatAsEsm: ['.ts'],
  moduleFileExtensions: ['ts', 'js', 'mjs', 'cjs', 'json', 'node'],
  moduleNameMapper: {
    '^toolyard/sdk$': '<rootDir>/src/sdk/index.ts',
    // Packages keep their own .js; ours is TypeScript under the name that the build gives it.
    '^(\\.{1,2}/.*)\\.js$': ['$1.js', '$1.ts'],
  },
  transform: { '^.+\\.ts$': ['@swc/jest'] },
  transformIgnorePatterns: ['/node_modules/'],
  setupFiles: ['<rootDir>/test/preload.mjs'],
  globalSetup: '<rootDir>/test/global-setup.ts',
  globalTeardown: '<rootDir>/test/global-teardown.ts',
  reporters: ['default', '<rootDir>/test/reporters/count.reporter.ts'],
  testTimeout: 60_000,
  // Most tests wait more than they work: for leases, outages and the ends of processes.
  maxWorkers: Math.max(2, availableParallelism() - 1),
  workerIdleMemoryLimit: '1GB',
  collectCoverageFrom: ['src/**/*.ts', 'plugins/**/*.ts', '!**/fixtures/**'],
  coverageProvider: 'v8',
};
