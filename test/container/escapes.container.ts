/** The attempts to get out of a sandbox, in containers of podman. That each can succeed, `npm test` shows without a sandbox. */
import { describe, expect, it } from 'vitest';
import { escapeConformance } from '../../src/public/conformance/escapes/index.ts';
import { createContainerSandbox } from '../../src/sandboxes/container/index.ts';

escapeConformance(
  { describe, it, expect },
  { name: 'container', create: (hostEnvironment) => createContainerSandbox({ hostEnvironment }) },
);
