import { describe, expect, it } from 'vitest';
import type { Interpretation } from '../core/check.ts';
import { loadCheckFormat } from './registry.ts';

async function interpret(text: string, code: number): Promise<Interpretation> {
  const format = await loadCheckFormat('number');
  return format.interpret({
    spec: { id: 'size', run: 'x', report: 'number', reportFile: null, timeoutMs: 1_000 },
    end: { kind: 'exited', code },
    stdout: new TextEncoder().encode(text),
    stderr: new Uint8Array(),
    stdoutTruncated: false,
    artefacts: [],
  });
}

describe('a check that measures', () => {
  it('is green when its command is, and has the number', async () => {
    expect(await interpret('12 kB', 0)).toMatchObject({ conclusion: 'success', measured: { value: 12, unit: 'kB' } });
  });

  it('is red when its command is, number or not', async () => {
    expect(await interpret('12 kB', 1)).toMatchObject({ conclusion: 'failure', measured: { value: 12 } });
  });

  it.each([
    ['nothing', '', 0],
    ['no number', 'NaN', 0],
    ['no number and an exit code', 'x', 1],
  ])('is never a pass with %s', async (_what, text, code) => {
    expect((await interpret(text, code)).conclusion).toBe('inconclusive');
  });
});
