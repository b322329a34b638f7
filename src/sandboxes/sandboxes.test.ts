import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { sandboxConformance } from '../public/conformance/sandbox.ts';
import { createBubblewrapSandbox } from './bubblewrap/index.ts';
import { createNoSandbox } from './none/index.ts';

const harness = { describe, it, expect };
const keptIn = { directory: mkdtempSync(join(tmpdir(), 'loopwright-kept-')), mark: { name: '.mark', text: 'test' } };
afterAll(() => rmSync(keptIn.directory, { recursive: true }));

sandboxConformance(harness, {
  name: 'bubblewrap',
  confines: true,
  create: (hostEnvironment) => createBubblewrapSandbox({ hostEnvironment, keptIn }),
});

sandboxConformance(harness, {
  name: 'none',
  confines: false,
  create: (hostEnvironment) => createNoSandbox({ hostEnvironment }),
});

const newer = process.env['LOOPWRIGHT_TEST_BWRAP'];

it.skipIf(newer === undefined)('bubblewrap 0.11 is tried when LOOPWRIGHT_TEST_BWRAP is the path of one', async () => {
  const sandbox = createBubblewrapSandbox({ bwrap: String(newer), hostEnvironment: process.env });
  expect((await sandbox.probe()).enforced).toMatchObject({ overlay: 'by bubblewrap' });
});

if (newer !== undefined) {
  sandboxConformance(harness, {
    name: `bubblewrap at ${newer}`,
    confines: true,
    create: (hostEnvironment) => createBubblewrapSandbox({ bwrap: newer, hostEnvironment }),
  });
}
