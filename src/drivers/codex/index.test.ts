import { describe, expect, it } from 'vitest';
import { describeRecordings } from '../../../test/support/agent-recordings.ts';
import { NOTHING_TOLD } from '../told.ts';
import { commandLine } from './command-line.ts';
import { fold } from './events.ts';
import { home } from './home.ts';

describeRecordings({
  agent: 'codex',
  fold,
  done: { usage: { inputTokens: 40_396, outputTokens: 85, costNanoUsd: null } },
  refused: {},
});

describe('codex', () => {
  it('is not said to have failed by a call that it made again', () => {
    const retried = fold(NOTHING_TOLD, { type: 'error', message: 'Reconnecting... 1/5' });
    expect(fold(retried, { type: 'turn.completed' })).toMatchObject({ failure: null, settled: true });
    expect(fold(retried, { type: 'turn.failed' })).toMatchObject({ failure: 'Reconnecting... 1/5', settled: true });
  });

  it('is configured with the name of the variable that holds the key, and with nothing of the vendor switched on', () => {
    const wire = { address: 'http://127.0.0.1:1/o/v1', keyVariable: 'OPENAI_API_KEY', key: 'k' };
    const config = home({ model: 'm', choices: {}, resume: null, wire })['.codex/config.toml'] ?? '';
    expect(config).toContain('base_url = "http://127.0.0.1:1/o/v1"\nenv_key = "OPENAI_API_KEY"');
    expect(config).toContain('plugins = false\napps = false');
  });

  it('reads its prompt from standard input, in a conversation it goes on with too', () => {
    const { argv } = commandLine({ model: 'm', choices: {}, resume: 'abc', wire: null });
    expect(argv.slice(0, 2)).toEqual(['exec', 'resume']);
    expect(argv.slice(-2)).toEqual(['abc', '-']);
  });
});
