import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { foldAll } from '../../../test/support/agent-recordings.ts';
import { isLoopwrightError } from '../../core/errors.ts';
import type { AgentHost } from '../../ports/driver.ts';
import { honestEnd } from '../agent-turn.ts';
import { NOTHING_TOLD } from '../told.ts';
import { commandLine } from './command-line.ts';
import { fold } from './events.ts';
import { createCursorDriver } from './index.ts';

/** Written after the vendor's document; nothing here was printed by the program itself. */
function documented(name: 'done' | 'ended-early'): Buffer {
  return readFileSync(join(import.meta.dirname, '../../../test/fixtures/agents/cursor', `${name}.jsonl`));
}

describe('what Cursor CLI is documented to print', () => {
  it('when it did its task: its last words, its session, no failure, and that it is over', () => {
    expect(foldAll(fold, documented('done'))).toEqual({
      text: 'The test passes now.',
      sessionId: '5f0c2a52-6b1d-4a0e-9d0b-0f1f6f6b7c11',
      usage: null,
      failure: null,
      settled: true,
    });
  });

  it('when it fails: no result, which is no success whatever its exit code', () => {
    const told = foldAll(fold, documented('ended-early'));
    expect(told.settled).toBe(false);
    expect(honestEnd('cursor', { kind: 'ended', exitCode: 0 }, told).kind).toBe('crashed');
    expect(honestEnd('cursor', { kind: 'ended', exitCode: 1 }, told)).toEqual({ kind: 'ended', exitCode: 1 });
  });

  it('fails by its result where that says so', () => {
    expect(fold(NOTHING_TOLD, { type: 'result', subtype: 'error', result: 'no plan' }).failure).toBe('no plan');
    expect(fold(NOTHING_TOLD, { type: 'result', subtype: 'success', is_error: true }).failure).not.toBe(null);
  });
});

describe('cursor', () => {
  it('trusts the workspace, asks nobody, approves no server, and goes on by id', () => {
    const { argv } = commandLine({ model: 'm', choices: {}, resume: 's', wire: null });
    expect(argv).toEqual(expect.arrayContaining(['--trust', '--force', '--resume', 's']));
    expect(argv).not.toContain('--approve-mcps');
  });

  it('is refused where the gateway is to count, with what would let it run', async () => {
    const driver = createCursorDriver({ PATH: '/bin' });
    expect(driver.capabilities.gatewayAware).toBe(false);
    const host = { models: { env: {} } } as unknown as AgentHost;
    const error: unknown = await driver
      .open({ model: 'm', program: '/bin/sh' }, host)
      .catch((reason: unknown) => reason);
    expect(isLoopwrightError(error, 'LW_GATEWAY_UNAVAILABLE') && error.next).toContain('metering: agent-claims');
  });
});
