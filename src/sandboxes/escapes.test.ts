import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ATTEMPTS, escapeCanary, escapeConformance } from '../public/conformance/escapes/index.ts';
import { createBubblewrapSandbox } from './bubblewrap/index.ts';
import { createNoSandbox } from './none/index.ts';

const harness = { describe, it, expect };
const keptIn = { directory: mkdtempSync(join(tmpdir(), 'loopwright-kept-')), mark: { name: '.mark', text: 'test' } };
afterAll(() => rmSync(keptIn.directory, { recursive: true }));

it('holds at least a hundred attempts, each with a name of its own', () => {
  const ids = ATTEMPTS.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.length).toBeGreaterThanOrEqual(100);
});

escapeConformance(harness, {
  name: 'bubblewrap',
  create: (hostEnvironment) => createBubblewrapSandbox({ hostEnvironment, keptIn }),
});

escapeCanary(harness, { name: 'none', create: (hostEnvironment) => createNoSandbox({ hostEnvironment }) });
