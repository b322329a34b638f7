import { defineConfig } from 'vitest/config';
import type { ViteUserConfig } from 'vitest/config';

/** `npm run test:agents`: real coding agents, 1.6 GB of them, which is too much for every commit. */
const config: ViteUserConfig = defineConfig({
  test: {
    include: ['test/agents/*.agents.ts'],
    // One agent at a time: they are heavy, and their deadlines are meant for a machine that has time for them.
    maxWorkers: 1,
    testTimeout: 120_000,
    // They are programs of others with clocks of their own. What is wrong in ours is wrong twice.
    retry: 1,
    passWithNoTests: false,
  },
});

export default config;
