/** A supervisor as a process of its own: launches its arguments in a container. */
import { createContainerSandbox } from '../../src/sandboxes/container/index.ts';

const argv = process.argv.slice(2);
const limits = { wallTimeMs: 600_000, idleMs: 'unlimited', outputBytes: 'unlimited', keepBytes: 1_000 } as const;
const sandbox = createContainerSandbox({ hostEnvironment: process.env });
await sandbox.launch({ argv, cwd: '/', env: {}, mounts: [], stdin: null, limits }, new AbortController().signal)
  .finished;
