import { defineConfig } from 'vitest/config';
import type { ViteUserConfig } from 'vitest/config';

/**
 * `npm run test:remote`: whole runs that speak to somebody: to models through the gateway, to agents here and elsewhere and
 * what these ask, to hosts through the egress proxy, to a forge; all of them on loopback, with real git over HTTP. Each is
 * several runs, so together they would not fit into the time that `npm test` may take.
 */
const config: ViteUserConfig = defineConfig({
  test: {
    include: ['test/remote/**/*.remote.ts'],
    setupFiles: ['test/setup.ts'],
    maxWorkers: 3,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    retry: 1,
    passWithNoTests: false,
  },
});

export default config;
