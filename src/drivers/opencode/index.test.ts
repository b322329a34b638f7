import { describe, expect, it } from 'vitest';
import { describeRecordings } from '../../../test/support/agent-recordings.ts';
import { NOTHING_TOLD } from '../told.ts';
import { commandLine } from './command-line.ts';
import { fold } from './events.ts';

describeRecordings({
  agent: 'opencode',
  fold,
  done: { usage: { inputTokens: 31_294, outputTokens: 48, costNanoUsd: null } },
  refused: {},
});

describe('opencode', () => {
  it('is not over while a step called tools', () => {
    const told = fold(NOTHING_TOLD, { type: 'step_finish', part: { reason: 'tool-calls' } });
    expect(told.settled).toBe(false);
  });

  it('does not read the configuration of the repository', () => {
    const { env } = commandLine({ model: 'm', choices: {}, resume: null, wire: null });
    expect(env['OPENCODE_DISABLE_PROJECT_CONFIG']).toBe('1');
  });
});
