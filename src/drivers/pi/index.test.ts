import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { describeRecordings } from '../../../test/support/agent-recordings.ts';
import { NOTHING_TOLD } from '../told.ts';
import { commandLine } from './command-line.ts';
import { fold } from './events.ts';
import { wireByApi as wire } from '../three-protocols.ts';
import { createPiDriver, PI_VERSION } from './index.ts';

describeRecordings({
  agent: 'pi',
  fold,
  done: { usage: { inputTokens: 6_204, outputTokens: 48, costNanoUsd: null } },
  refused: {},
});

interface Lockfile {
  readonly packages: Readonly<Record<string, { readonly version?: string; readonly integrity?: string }>>;
}

describe('what loopwright installs as pi', () => {
  it('is one version, with all it needs by hash and from no registry by name', () => {
    const text = readFileSync(new URL('../../../agents/pi/package-lock.json', import.meta.url), 'utf8');
    const packages = Object.entries((JSON.parse(text) as Lockfile).packages).filter(([name]) => name !== '');
    expect(packages.length).toBeGreaterThan(50);
    expect(packages.filter(([, { integrity }]) => integrity?.startsWith('sha512-') !== true)).toEqual([]);
    expect(text).not.toContain('"resolved"');
    const own = packages.find(([name]) => name === 'node_modules/@earendil-works/pi-coding-agent');
    expect(own?.[1].version).toBe(PI_VERSION);
    expect(createPiDriver({}, '/state/agents').own).toEqual({
      directory: `/state/agents/pi-${PI_VERSION}`,
      version: PI_VERSION,
    });
  });
});

describe('pi', () => {
  it('speaks what its model is likely to be reached by, unless it is told', () => {
    expect(wire('claude-x', { api: 'auto' }).dialect).toBe('anthropic-messages');
    expect(wire('qwen3', { api: 'auto' }).dialect).toBe('openai-chat');
    expect(wire('claude-x', { api: 'openai-responses' }).dialect).toBe('openai-responses');
  });

  it('failed when its last answer is an error, and not when a later one came', () => {
    const failed = fold(NOTHING_TOLD, {
      type: 'message_end',
      message: { role: 'assistant', stopReason: 'error', errorMessage: 'overloaded' },
    });
    expect(failed.failure).toBe('overloaded');
    const again = fold(failed, { type: 'message_end', message: { role: 'assistant', stopReason: 'stop' } });
    expect(again.failure).toBe(null);
  });

  it('loads nothing of the repository and asks nobody at its start', () => {
    const { argv } = commandLine({ model: 'm', choices: {}, resume: null, wire: null });
    expect(argv).toEqual(expect.arrayContaining(['--no-approve', '--offline']));
  });
});
