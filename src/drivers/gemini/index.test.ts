import { describe, expect, it } from 'vitest';
import { describeRecordings } from '../../../test/support/agent-recordings.ts';
import { NOTHING_TOLD } from '../told.ts';
import { commandLine } from './command-line.ts';
import { fold } from './events.ts';

describeRecordings({
  agent: 'gemini',
  fold,
  done: { usage: { inputTokens: 50_874, outputTokens: 58, costNanoUsd: null } },
  refused: {},
});

describe('gemini', () => {
  it('says its last words in pieces, and what came before a tool is not among them', () => {
    const events = [
      { type: 'message', role: 'assistant', content: 'Let me look.', delta: true },
      { type: 'tool_use' },
      { type: 'message', role: 'assistant', content: 'All ', delta: true },
      { type: 'message', role: 'assistant', content: 'good.', delta: true },
    ];
    expect(events.reduce(fold, NOTHING_TOLD).text).toBe('All good.');
  });

  it('is started so that signals reach it', () => {
    const { env } = commandLine({ model: 'm', choices: {}, resume: null, wire: null });
    expect(env['GEMINI_CLI_NO_RELAUNCH']).toBe('true');
  });
});
