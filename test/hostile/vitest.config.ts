import { defineConfig } from 'vitest/config';
import type { ViteUserConfig } from 'vitest/config';

/**
 * `npm run test:hostile`: whole runs against repositories, states and agents that do what they should not. Each is a run or
 * several, so together they would take half of the time that `npm test` may.
 */
const config: ViteUserConfig = defineConfig({
  test: {
    include: ['test/hostile/**/*.hostile.ts'],
    setupFiles: ['test/setup.ts'],
    maxWorkers: 3,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    retry: 1,
    passWithNoTests: false,
  },
});

export default config;
