import { defineConfig } from 'vitest/config';
import type { ViteUserConfig } from 'vitest/config';

const config: ViteUserConfig = defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    setupFiles: ['test/setup.ts'],
    // Real sandboxes, real git and real processes, which wait for each other half of the time: three at a time keep two
    // cores busy, and no test judges by the clock.
    maxWorkers: 3,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // These tests race with whatever else the machine does. One that needs its second try is named where CI ends.
    retry: 1,
    // A run that finds no test has examined nothing, and that is a failure.
    passWithNoTests: false,
    reporters: ['default', 'json'],
    outputFile: { json: 'node_modules/.cache/vitest-report.json' },
  },
});

export default config;
