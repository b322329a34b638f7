/** What every sandbox has to keep, in containers of podman. */
import { describe, expect, it } from 'vitest';
import { sandboxConformance } from '../../src/public/conformance/sandbox.ts';
import { createContainerSandbox } from '../../src/sandboxes/container/index.ts';

sandboxConformance(
  { describe, it, expect },
  { name: 'container', confines: true, create: (hostEnvironment) => createContainerSandbox({ hostEnvironment }) },
);
