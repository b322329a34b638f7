import { defineConfig } from 'vitest/config';
import type { ViteUserConfig } from 'vitest/config';

/** `npm run test:migrations`: migrations on real PostgreSQL servers, each of which takes seconds to start. */
const config: ViteUserConfig = defineConfig({
  test: {
    include: ['test/migrations/**/*.migrations.ts'],
    setupFiles: ['test/setup.ts'],
    maxWorkers: 2,
    testTimeout: 300_000,
    hookTimeout: 300_000,
    retry: 1,
    passWithNoTests: false,
  },
});

export default config;
