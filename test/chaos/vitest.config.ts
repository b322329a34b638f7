import { defineConfig } from 'vitest/config';
import type { ViteUserConfig } from 'vitest/config';

/** `npm run chaos`: too long and too random for every commit. `CHAOS_KILLS` makes it longer, `CHAOS_SEED` repeats it. */
const config: ViteUserConfig = defineConfig({
  test: {
    include: ['test/chaos/**/*.chaos.ts'],
    testTimeout: 3_600_000,
    passWithNoTests: false,
  },
});

export default config;
