import { defineConfig } from 'vitest/config';
import type { ViteUserConfig } from 'vitest/config';

/** `npm run test:container`: podman is not part of what loopwright needs, and each launch takes half a second. */
const config: ViteUserConfig = defineConfig({
  test: {
    include: ['test/container/*.container.ts'],
    setupFiles: ['test/setup.ts'],
    globalSetup: ['test/container/nothing-left.ts'],
    maxWorkers: 3,
    testTimeout: 600_000,
    // These tests race with whatever else the machine does. What is wrong in ours is wrong twice.
    retry: 1,
    passWithNoTests: false,
  },
});

export default config;
