import { describe, expect, it } from 'vitest';
import { describeRecordings } from '../../../test/support/agent-recordings.ts';
import { NOTHING_TOLD } from '../told.ts';
import { commandLine } from './command-line.ts';
import { fold } from './events.ts';

describeRecordings({
  agent: 'qwen',
  fold,
  done: { usage: { inputTokens: 78_977, outputTokens: 49, costNanoUsd: null } },
  refused: {},
});

describe('qwen', () => {
  it('runs in safe mode: what the repository configures stays off', () => {
    expect(commandLine({ model: 'm', choices: {}, resume: null, wire: null }).argv).toContain('--safe-mode');
  });

  it('is bare where it is told what to load, and then looks for nothing by itself', () => {
    const configuration = { directory: '/h', files: { '.qwen/settings.json': '{}' } };
    const { argv } = commandLine({ model: 'm', choices: {}, resume: null, wire: null, configuration });
    expect(argv.join(' ')).toContain('--bare --mcp-config /h/.qwen/settings.json');
    expect(argv).not.toContain('--safe-mode');
  });

  it('fails by its subtype where it names no error', () => {
    expect(fold(NOTHING_TOLD, { type: 'result', subtype: 'error_max_turns' }).failure).toBe('error_max_turns');
  });
});
