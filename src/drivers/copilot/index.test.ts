import { describe, expect, it } from 'vitest';
import { describeRecordings } from '../../../test/support/agent-recordings.ts';
import { NOTHING_TOLD } from '../told.ts';
import { commandLine } from './command-line.ts';
import { fold } from './events.ts';
import { wireByApi as wire } from '../three-protocols.ts';

describeRecordings({
  agent: 'copilot',
  fold,
  done: { usage: null },
  refused: { failure: '402 loopwright: the budget is used up.', settled: true },
});

describe('copilot', () => {
  const call = { model: 'm', choices: {}, resume: null };

  it('is sent to the gateway by variables, none of which holds the key', () => {
    const { env } = commandLine({
      ...call,
      wire: { address: 'http://127.0.0.1:1/v1', keyVariable: 'OPENAI_API_KEY', key: 'k' },
    });
    expect(env).toMatchObject({
      COPILOT_PROVIDER_BASE_URL: 'http://127.0.0.1:1/v1',
      COPILOT_PROVIDER_API_KEY_COMMAND: 'printenv OPENAI_API_KEY',
      COPILOT_OFFLINE: 'true',
    });
  });

  it('speaks what is chosen, or what the name of the model says', () => {
    expect(wire('claude-sonnet-4-5', {}).dialect).toBe('anthropic-messages');
    expect(wire('claude-sonnet-4-5', { api: 'openai-responses' }).dialect).toBe('openai-responses');
    expect(wire('gpt-5', { api: 'auto' }).dialect).toBe('openai-chat');
  });

  it('goes on with a conversation by its id', () => {
    expect(commandLine({ ...call, resume: 's', wire: null }).argv).toContain('--resume=s');
  });

  it('has failed where its result says so, in no words too', () => {
    expect(fold(NOTHING_TOLD, { type: 'result', exitCode: 1 }).failure).toBe('its result is no success');
  });

  it('does not take the words of a subagent for its own', () => {
    const event = { type: 'assistant.message', data: { content: 'x', parentToolCallId: 't' } };
    expect(fold({ ...NOTHING_TOLD, text: 'mine' }, event).text).toBe('mine');
  });
});
