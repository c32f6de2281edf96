// Four suites: `unit` needs nothing but Node, `python` Python 3, `api` a real API server, `cluster` root and containerd.
import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

/** Most test files wait for sockets and processes, so a worker more than there are cores keeps the cores busy. */
const UNIT_WORKERS = availableParallelism() + 1

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          maxWorkers: UNIT_WORKERS,
          // Nothing here keeps state at module level, so a worker loads each module once, not once a file.
          isolate: false,
          include: ['test/**/*.test.ts'],
          exclude: ['**/node_modules/**', 'test/api/**', 'test/cluster/**', 'test/sdks/python/**'],
          testTimeout: 20_000,
          hookTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'python',
          include: ['test/sdks/python/**/*.test.ts'],
          globalSetup: ['test/sdks/python/global-setup.ts'],
          testTimeout: 20_000,
          hookTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'api',
          include: ['test/api/**/*.test.ts'],
          globalSetup: ['test/api/global-setup.ts'],
          testTimeout: 120_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'cluster',
          include: ['test/cluster/**/*.test.ts'],
          globalSetup: ['test/cluster/global-setup.ts'],
          testTimeout: 300_000,
          hookTimeout: 600_000,
          fileParallelism: false,
        },
      },
    ],
  },
})
