import { describe, expect, it } from 'vitest';
import { describeRecordings } from '../../../test/support/agent-recordings.ts';
import { NOTHING_TOLD } from '../told.ts';
import { commandLine } from './command-line.ts';
import { fold } from './events.ts';

describeRecordings({
  agent: 'openhands',
  fold,
  tag: 'kind',
  done: { sessionId: 'last', usage: null },
  refused: { settled: true },
});

describe('openhands', () => {
  const wire = { address: 'http://127.0.0.1:1/v1', keyVariable: 'OPENAI_API_KEY', key: 'run-key' };

  it('is sent to the gateway by variables, and its key is in no argument', () => {
    const { argv, env } = commandLine({ model: 'acme/coder', choices: {}, resume: null, wire });
    expect(env).toMatchObject({ LLM_MODEL: 'openai/acme/coder', LLM_BASE_URL: wire.address, LLM_API_KEY: 'run-key' });
    expect(argv).toContain('--override-with-envs');
    expect(argv.join(' ')).not.toContain('run-key');
  });

  it('goes on with the last conversation of its home', () => {
    expect(commandLine({ model: 'm', choices: {}, resume: 'last', wire }).argv.slice(-2)).toEqual([
      '--resume',
      '--last',
    ]);
  });

  it('ends by its action to finish too, and a tool call before that is no end', () => {
    const finish = { kind: 'ActionEvent', action: { kind: 'FinishAction', message: 'All done.' } };
    expect(fold(NOTHING_TOLD, finish)).toMatchObject({ text: 'All done.', settled: true });
    expect(fold(NOTHING_TOLD, { kind: 'ActionEvent', action: { kind: 'TerminalAction' } }).settled).toBe(false);
    expect(fold(NOTHING_TOLD, { kind: 'MessageEvent', source: 'user', llm_message: { content: 'x' } }).text).toBe(null);
  });
});
