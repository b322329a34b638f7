import { describe, expect, it } from 'vitest';
import { describeRecordings } from '../../../test/support/agent-recordings.ts';
import { commandLine } from './command-line.ts';
import { fold } from './events.ts';

describeRecordings({
  agent: 'claude',
  fold,
  done: { usage: { inputTokens: 49_953, outputTokens: 49, costNanoUsd: 200_792_000 } },
  refused: { failure: 'API Error: 402 loopwright: the budget is used up.' },
});

describe('claude', () => {
  it('fails by a word beside the subtype, which says success whatever happened', () => {
    const told = fold(
      { sessionId: null, text: 'half', usage: null, failure: null, settled: false },
      { type: 'result', subtype: 'success', is_error: true, result: 'no credit' },
    );
    expect(told).toMatchObject({ text: 'half', failure: 'no credit', settled: true });
  });

  it('does not take the words of a subagent for its own', () => {
    const told = { sessionId: null, text: 'mine', usage: null, failure: null, settled: false };
    const event = { type: 'assistant', parent_tool_use_id: 't1', message: { content: [{ type: 'text', text: 'x' }] } };
    expect(fold(told, event).text).toBe('mine');
  });

  it('never runs what the repository configures, and never updates itself', () => {
    const { argv, env } = commandLine({ model: 'm', choices: {}, resume: 'abc', wire: null });
    expect(argv.join(' ')).toContain('--setting-sources user --strict-mcp-config --resume abc');
    expect(env).toMatchObject({ DISABLE_AUTOUPDATER: '1', CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1' });
  });
});
